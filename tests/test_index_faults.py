"""Installing as docs/team-setup.md says, while a public index offers the same names.

The index of the team is a real one with a password; the public one is a server that anybody may ask
and to which anybody may publish.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import uv
from package_index import PackageIndex, running_index
from step_packages import step_wheel

PAGE = Path(__file__).parents[1] / "docs" / "team-setup.md"
DOCUMENTED = "https://packages.example.com/simple/"
STEPS = ("stepwell", "stepwell-train", "stepwell-sklearn")
Handler = type[BaseHTTPRequestHandler] | partial[SimpleHTTPRequestHandler]
SETUPS = ("uv.toml", "pip.conf", "explicit/pyproject.toml")


def documented(title: str) -> str:
    """The file of this title, as the page shows it."""
    text = PAGE.read_text(encoding="utf-8")
    [found] = re.findall(rf'^```\w+ title="{re.escape(title)}"\n(.*?)^```$', text, re.M | re.S)
    return str(found)


@contextmanager
def serving(handler: Handler) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A public index with version 99.0 of every step."""
    root = tmp_path_factory.mktemp("public")
    for name in STEPS:
        folder = root / "simple" / name
        folder.mkdir(parents=True)
        wheel = step_wheel(folder, name, "99.0", "", requires=())
        digest = sha256(wheel.read_bytes()).hexdigest()
        page = f'<a href="{wheel.name}#sha256={digest}">{wheel.name}</a>'
        (folder / "index.html").write_text(page)
    with serving(partial(Quiet, directory=str(root))) as url:
        yield url


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    """The index of the team, with version 1.2 of its steps."""
    with running_index(tmp_path_factory.mktemp("team")) as index:
        for name in STEPS:
            step_wheel(index.folder, name, "1.2", "", requires=())
        yield index


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pip, and nothing else in it."""
    folder = tmp_path_factory.mktemp("empty") / "environment"
    command = [uv.find_uv_bin(), "venv", "--quiet", "--seed", "--python", sys.executable]
    subprocess.run([*command, str(folder)], check=True)
    return folder


class Installer:
    """Installs steps into a folder, as one of the documented set-ups does."""

    def __init__(self, setup: str, index: str, public: str, empty: Path, folder: Path) -> None:
        self.installed = folder / "installed"
        self._folder = folder
        file = folder / Path(setup).name
        file.write_text(documented(setup).replace(DOCUMENTED, index))
        target = ["--target", str(self.installed)]
        hidden = ("PIP_", "UV_INDEX", "UV_DEFAULT", "VIRTUAL_ENV")
        self.environment = {n: v for n, v in os.environ.items() if not n.startswith(hidden)}
        self.environment |= {"HOME": str(folder), "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "2"}
        if setup == "pip.conf":
            limits = ["--retries", "0", "--timeout", "2", "--no-cache-dir"]
            self.command = [str(empty / "bin" / "pip"), "install", "-q", *limits, *target]
            self.command += STEPS
            self.environment |= {"PIP_CONFIG_FILE": str(file)}
            return
        self.command = [uv.find_uv_bin(), "pip", "install", "-q", "--no-cache", *target]
        self.command += STEPS if setup == "uv.toml" else ["-r", "pyproject.toml"]
        if setup != "uv.toml":  # where the public index is the default one
            self.environment |= {"UV_DEFAULT_INDEX": public}

    def run(self, index: PackageIndex | None = None, **variables: str) -> int:
        """Install; the credentials for an index stand in a netrc file."""
        netrc = self._folder / ".netrc"
        if index is not None:
            login = f"machine 127.0.0.1 login {index.username} password {index.password}\n"
            netrc.write_text(login)
        return subprocess.run(
            self.command,
            cwd=self._folder,
            env={**self.environment, "NETRC": str(netrc), **variables},
            capture_output=True,
        ).returncode

    def versions(self) -> dict[str, str]:
        found = sorted(self.installed.glob("*.dist-info")) if self.installed.exists() else []
        names = [path.name.removesuffix(".dist-info").split("-") for path in found]
        return {name.replace("_", "-"): version for name, version in names}


@pytest.mark.parametrize("setup", SETUPS)
def test_steps_come_from_the_index_of_the_team(
    setup: str, team: PackageIndex, public: str, empty: Path, tmp_path: Path
) -> None:
    """(fault 33)"""
    installer = Installer(setup, team.simple, public, empty, tmp_path)
    assert installer.run(team) == 0
    assert installer.versions() == dict.fromkeys(STEPS, "1.2")


def answering(status: int | None) -> type[BaseHTTPRequestHandler]:
    """A server that answers everything with this status, or not at all."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if status is None:
                time.sleep(10)
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Answering


@pytest.mark.parametrize("status", [401, 403, 404, 500, None], ids=str)
@pytest.mark.parametrize("setup", SETUPS)
def test_nothing_is_installed_when_the_index_of_the_team_does_not_answer(
    setup: str, status: int | None, public: str, empty: Path, tmp_path: Path
) -> None:
    """(fault 34)"""
    with serving(answering(status)) as broken:
        installer = Installer(setup, broken, public, empty, tmp_path)
        assert installer.run() != 0
    assert installer.versions() == {}


@pytest.mark.parametrize("setup", SETUPS)
def test_nothing_is_installed_when_the_index_of_the_team_is_down(
    setup: str, public: str, empty: Path, tmp_path: Path
) -> None:
    """(fault 34)"""
    with serving(answering(404)) as down:
        pass
    installer = Installer(setup, down, public, empty, tmp_path)
    assert installer.run() != 0
    assert installer.versions() == {}


def test_index_that_variables_name_is_asked_first_and_gives_way_to_no_other(
    team: PackageIndex, public: str, empty: Path, tmp_path: Path
) -> None:
    """(fault 33) (fault 34)"""
    installer = Installer("uv.toml", public, public, empty, tmp_path)
    stranger = replace(team, password="guessed")
    assert installer.run(**stranger.uv_environment) != 0
    assert installer.versions() == {}
    assert installer.run(**team.uv_environment) == 0
    assert installer.versions() == dict.fromkeys(STEPS, "1.2")


def test_extra_index_of_pip_is_the_danger_that_doctor_names(
    team: PackageIndex, public: str, empty: Path, tmp_path: Path
) -> None:
    """(fault 35)"""
    installer = Installer("pip.conf", team.simple, public, empty, tmp_path)
    assert installer.run(team, PIP_EXTRA_INDEX_URL=public) == 0
    assert installer.versions() == dict.fromkeys(STEPS, "99.0")


def test_file_that_is_not_the_locked_one_is_refused(
    team: PackageIndex, public: str, empty: Path, tmp_path: Path
) -> None:
    """(fault 36) (fault 41)"""
    wheel = step_wheel(team.folder, "stepwell-locked", "1.2", "", requires=())
    lock = [uv.find_uv_bin(), "pip", "compile", "-q", "-o", "pylock.toml", "--no-cache", "-"]
    installer = Installer("uv.toml", team.simple, public, empty, tmp_path)
    environment = {**installer.environment, **team.uv_environment}
    subprocess.run(
        lock, cwd=tmp_path, env=environment, input="stepwell-locked", text=True, check=True
    )
    shutil.move(step_wheel(tmp_path, "stepwell-locked", "1.2", "X = 1\n", requires=()), wheel)
    install = [uv.find_uv_bin(), "pip", "install", "-q", "--no-cache", "-r", "pylock.toml"]
    install += ["--target", str(installer.installed)]
    done = subprocess.run(install, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Hash mismatch" in done.stderr
    assert installer.versions() == {}
