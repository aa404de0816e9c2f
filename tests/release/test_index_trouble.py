"""An index that does not answer as it should: nothing is published, and the reason is told."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from package_index import PackageIndex

if TYPE_CHECKING:
    from small_repositories import SmallRepository

SECRET = "never-in-a-message"


class Broken(BaseHTTPRequestHandler):
    """A server of an index that has lost its disk."""

    def do_GET(self) -> None:
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def broken() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Broken) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://team:{SECRET}@127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_index_that_is_broken_is_not_taken_for_an_empty_one(
    small: SmallRepository, broken: str
) -> None:
    """(fault 34)"""
    told = _refused(small, broken)
    assert f"{_shown(broken)}simple/stepwell-alone/ does not work: it answers 500" in told


def test_index_that_is_away_is_not_taken_for_an_empty_one(small: SmallRepository) -> None:
    """(fault 34)"""
    told = _refused(small, f"http://team:{SECRET}@127.0.0.1:9/")
    assert "127.0.0.1:9/simple/stepwell-alone/ does not work: no connection" in told


@pytest.mark.parametrize(("who", "status"), [("", "401"), (f"team:{SECRET}@", "403")])
def test_index_that_refuses_is_not_taken_for_an_empty_one(
    small: SmallRepository, package_index: PackageIndex, who: str, status: str
) -> None:
    """(fault 34)"""
    told = _refused(small, package_index.url.replace("//", f"//{who}") + "/")
    assert f"refuses {package_index.simple}stepwell-alone/: {status}" in told


@pytest.mark.parametrize("words", [["publish"], ["compatibility", "candidate"]])
def test_package_that_is_needed_comes_from_no_other_index(
    again: tuple[SmallRepository, PackageIndex], words: list[str]
) -> None:
    """(fault 33)"""
    repository, index = again
    for file in index.folder.glob("stepwell_word-*"):
        file.unlink()
    repository.add("stepwell")
    done = repository.release(*words, "stepwell-tongue", index=index)
    assert done.returncode == 1
    told = f"stepwell-tongue 0.1.0 needs stepwell-word, which {index.simple} does not have."
    assert told in done.stdout


def test_password_of_an_upload_that_fails_is_not_shown(
    small: SmallRepository, package_index: PackageIndex
) -> None:
    """Whoever may read need not be allowed to upload."""
    small.write("dist/stepwell_alone-0.1.0-py3-none-any.whl", "no wheel")
    small.write("dist/stepwell_alone-0.1.0.tar.gz", "no archive")
    words = ["publish", "stepwell-alone", "--built", "dist"]
    done = small.release(*words, index=package_index)
    assert done.returncode == 1
    assert "stepwell-alone 0.1.0: twine check --strict failed" in done.stdout
    assert package_index.password not in done.stdout + done.stderr


@pytest.mark.parametrize("url", ["index.example.com", "file:///srv/index", "https://"])
def test_what_is_no_address_is_told(small: SmallRepository, url: str) -> None:
    done = small.release("status", "--repository", url)
    assert "--repository is not the address of an index. Write https://HOST/PATH/." in done.stderr


def _refused(small: SmallRepository, url: str) -> str:
    """What is told by a publication that did nothing, and showed no password."""
    done = small.release("publish", "--repository", url)
    assert (done.returncode, done.stdout, small.tags()) == (1, "", [])
    assert SECRET not in done.stderr
    return done.stderr


def _shown(url: str) -> str:
    return url.replace(f"team:{SECRET}@", "")
