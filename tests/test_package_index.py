"""The package index on loopback that other tests publish to and install from."""

from __future__ import annotations

import base64
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import package_index as index_module
import pytest
import uv
from package_index import PackageIndex, running_index
from step_packages import step_wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tried")
    return step_wheel(folder, "stepwell-tried", "0.1.0", "TRIED = True\n", requires=())


@pytest.fixture(scope="session")
def published(wheel: Path, package_index: PackageIndex) -> PackageIndex:
    package_index.publish(wheel)
    return package_index


def test_published_wheel_is_installed_by_name(published: PackageIndex, tmp_path: Path) -> None:
    install = ["pip", "install", "--no-cache", "--target", tmp_path, "stepwell-tried"]
    _uv(install, published.uv_environment)
    assert (tmp_path / "stepwell_tried").exists()


def test_published_file_is_never_replaced(published: PackageIndex, wheel: Path) -> None:
    with pytest.raises(AssertionError, match="400 Bad Request"):
        published.publish(wheel)


def test_unknown_package_is_not_asked_for_elsewhere(published: PackageIndex) -> None:
    with pytest.raises(HTTPError, match="404"):
        _open(f"{published.simple}pip/", published)


@pytest.mark.parametrize("page", ["simple/", "simple/stepwell-tried/", "packages/"])
def test_nothing_is_read_without_credentials(published: PackageIndex, page: str) -> None:
    with pytest.raises(HTTPError, match="401"):
        urlopen(f"{published.url}/{page}")


def test_wrong_password_publishes_nothing(package_index: PackageIndex, wheel: Path) -> None:
    stranger = replace(package_index, password="guessed")
    with pytest.raises(AssertionError, match="403 Forbidden"):
        stranger.publish(wheel)


def test_password_is_shown_nowhere(package_index: PackageIndex) -> None:
    folder = package_index.folder.parent
    assert package_index.password not in repr(package_index)
    assert all(package_index.password not in path.read_text() for path in folder.glob("*.*"))
    assert (folder / "passwords").stat().st_mode & 0o777 == 0o600


def test_port_that_somebody_else_took_first_is_left_to_them(
    package_index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for one's own index because it answers."""
    free = index_module._free_port()
    taken = int(package_index.url.rpartition(":")[2])
    ports = iter([taken, free])
    monkeypatch.setattr(index_module, "_free_port", lambda: next(ports))
    with running_index(tmp_path) as index:
        assert index.url.endswith(f":{free}")
        assert _open(index.simple, index)


def _open(url: str, index: PackageIndex) -> bytes:
    token = base64.b64encode(f"{index.username}:{index.password}".encode()).decode()
    with urlopen(Request(url, headers={"Authorization": f"Basic {token}"})) as answer:
        content: bytes = answer.read()
    return content


def _uv(arguments: list[str | Path], environment: dict[str, str]) -> None:
    command = [uv.find_uv_bin(), *arguments]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
