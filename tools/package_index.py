"""A package index on this machine, for tests and for trying things out.

    python tools/package_index.py FOLDER

Serves the files of FOLDER/packages until it is interrupted. Without the user and the password of
FOLDER/credentials.env nobody may list, download or upload. What it does not have it does not
have: it asks no other index, and it never replaces a file.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

USERNAME = "team"
UV_NAME = "stepwell"
_MOST_PORTS = 5
_MOST_TRIES = 600


@dataclass(frozen=True)
class PackageIndex:
    """A running index: what it serves, and how to get in."""

    url: str
    folder: Path
    username: str
    password: str = field(repr=False)

    @property
    def simple(self) -> str:
        """The address that installers ask, without credentials."""
        return f"{self.url}/simple/"

    @property
    def simple_with_credentials(self) -> str:
        """The same for installers that read credentials from nowhere else, such as pip."""
        scheme, _, host = self.simple.partition("://")
        return f"{scheme}://{self.username}:{self.password}@{host}"

    @property
    def twine_environment(self) -> dict[str, str]:
        """The variables with which `twine upload` publishes here."""
        return {
            "TWINE_REPOSITORY_URL": f"{self.url}/",
            "TWINE_USERNAME": self.username,
            "TWINE_PASSWORD": self.password,
        }

    @property
    def uv_environment(self) -> dict[str, str]:
        """The variables with which uv asks here first; what is here it takes from nowhere else."""
        return {
            "UV_INDEX": f"{UV_NAME}={self.simple}",
            f"UV_INDEX_{UV_NAME.upper()}_USERNAME": self.username,
            f"UV_INDEX_{UV_NAME.upper()}_PASSWORD": self.password,
        }

    def publish(self, *files: Path) -> None:
        """Upload wheels and source distributions with twine."""
        command = [sys.executable, "-m", "twine", "upload", "--non-interactive"]
        command += ["--disable-progress-bar", *map(str, files)]
        environment = {**os.environ, **self.twine_environment, "NO_COLOR": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def files(self) -> list[str]:
        """The names of the files that it serves."""
        return sorted(path.name for path in self.folder.iterdir() if path.name[0] != ".")


@contextmanager
def running_index(folder: Path) -> Iterator[PackageIndex]:
    """An index that serves `folder`/packages, with a password made for this start."""
    index, process = _started(folder)
    try:
        yield index
    finally:
        process.terminate()
        process.wait(timeout=30)


def main() -> None:
    """Serve a folder for people, and say where the credentials stand."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".index").resolve()
    with running_index(folder) as index:
        variables = {**index.twine_environment, **index.uv_environment}
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
        credentials = _private_file(folder / "credentials.env", "".join(lines))
        print(f"Index:       {index.simple}")
        print(f"Files:       {index.folder}")
        print(f"Credentials: {credentials} (for twine and uv: . {shlex.quote(str(credentials))})")
        print("Ends with Ctrl-C.", flush=True)
        _wait_for_the_end()
        credentials.unlink()


def _started(folder: Path) -> tuple[PackageIndex, subprocess.Popen[bytes]]:
    """A server that answers; if somebody else was quicker to take its port, on another one."""
    (folder / "packages").mkdir(parents=True, exist_ok=True)
    for _ in range(_MOST_PORTS):
        url = f"http://127.0.0.1:{_free_port()}"
        index = PackageIndex(url, folder / "packages", USERNAME, secrets.token_urlsafe(32))
        passwords = _private_file(folder / "passwords", _password_line(index))
        with (folder / "index.log").open("ab") as log:
            command = _command(index, passwords)
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        if _comes_up(index, process):
            return index, process
    raise AssertionError((folder / "index.log").read_text(encoding="utf-8"))


def _comes_up(index: PackageIndex, process: subprocess.Popen[bytes]) -> bool:
    """Whether the server answers to its password, which no other server on its port knows."""
    for _ in range(_MOST_TRIES):
        if process.poll() is not None:
            return False
        with suppress(OSError, HTTPException):
            if _status(index) == HTTPStatus.OK:
                return True
        time.sleep(0.1)
    process.kill()
    return False


def _status(index: PackageIndex) -> int:
    token = base64.b64encode(f"{index.username}:{index.password}".encode()).decode()
    connection = HTTPConnection("127.0.0.1", _port(index), timeout=5)
    try:
        connection.request("GET", "/simple/", headers={"Authorization": f"Basic {token}"})
        return connection.getresponse().status
    finally:
        connection.close()


def _wait_for_the_end() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


def _command(index: PackageIndex, passwords: Path) -> list[str]:
    # pypiserver would send those who ask for unknown packages to a public index, and would let
    # everybody download. It chooses waitress by itself. Told to say more, it logs credentials.
    command = [sys.executable, "-W", "ignore", "-m", "pypiserver", "run"]
    command += ["--host", "127.0.0.1", "--port", str(_port(index))]
    command += ["--authenticate", "list,download,update", "--passwords", str(passwords)]
    command += ["--disable-fallback", "--backend", "simple-dir", "--hash-algo", "sha256"]
    return [*command, str(index.folder)]


def _password_line(index: PackageIndex) -> str:
    # Nobody guesses 32 random bytes, so that a quick hash will do, and installers ask often.
    digest = hashlib.sha1(index.password.encode(), usedforsecurity=False).digest()
    return f"{index.username}:{{SHA}}{base64.b64encode(digest).decode()}\n"


def _private_file(path: Path, text: str) -> Path:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    return path


def _port(index: PackageIndex) -> int:
    return int(index.url.rpartition(":")[2])


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
