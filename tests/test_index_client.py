"""What is asked of a package index: an answer, a refusal and a breakdown are three things."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from package_index import PackageIndex

from stepwell import ConfigurationError, PackageError, PackageIndexError
from stepwell._indexes._index import open_index, versions

JSON = {"Content-Type": "application/json"}
NEWER = b'{"meta": {"api-version": "9.0"}, "name": "x", "files": []}'
Answer = Callable[[BaseHTTPRequestHandler], None]

PAGE = '<a href="/files/x-1.0-py3-none-any.whl{}">x-1.0-py3-none-any.whl</a>'


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """A server on loopback that gives every request this answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()


def status(code: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in {"Content-Type": "text/html", **(headers or {})}.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def dripping(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Length", "10000")
    request.end_headers()
    for _ in range(100):
        try:
            request.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.05)


def silent(request: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def breaking_off(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Length", "10000")
    request.end_headers()
    request.wfile.write(b"<a")


def failure(url: str, package: str = "x", *, patience: float = 0.5) -> PackageIndexError:
    """What is said when this index is asked for a package."""
    with pytest.raises(PackageIndexError) as raised, open_index(url, patience=patience) as index:
        index.files(package)
    return raised.value


@pytest.fixture(scope="module")
def published(
    package_index: PackageIndex, tmp_path_factory: pytest.TempPathFactory
) -> PackageIndex:
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "1.10", "1.9"):
        wheel = folder / f"stepwell_asked-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("asked.py", version)
        (package_index.folder / wheel.name).write_bytes(wheel.read_bytes())
    return package_index


def test_versions_are_told_in_their_order_with_hashes(published: PackageIndex) -> None:
    with open_index(published.simple_with_credentials) as index:
        files = index.files("Stepwell_Asked")
    assert [str(version) for version in versions(files)] == ["1.0", "1.9", "1.10"]
    assert all(file.is_wheel and len(file.digests["sha256"]) == 64 for file in files)


def test_package_that_the_index_does_not_have_is_no_error(published: PackageIndex) -> None:
    with open_index(published.simple_with_credentials) as index:
        assert index.files("stepwell-nowhere") == ()


def test_downloaded_wheel_is_the_announced_one(published: PackageIndex, tmp_path: Path) -> None:
    with open_index(published.simple_with_credentials) as index:
        newest = index.files("stepwell-asked")[-1]
        wheel = index.download(newest, tmp_path)
        assert zipfile.ZipFile(wheel).read("asked.py") == b"1.10"
        with pytest.raises(PackageError, match="was damaged or replaced"):
            index.download(replace(newest, digests={"sha256": "0" * 64}), tmp_path / "..")
        with pytest.raises(PackageError, match="gives no SHA-256"):
            index.download(replace(newest, digests={"md5": "0" * 32}), tmp_path)
        with pytest.raises(PackageIndexError, match="more than 10 bytes"):
            index.download(newest, tmp_path, most=10)
    assert not (tmp_path / ".." / wheel.name).exists()
    assert list(tmp_path.iterdir()) == []


def test_missing_and_wrong_credentials_are_refused_and_not_shown(published: PackageIndex) -> None:
    """(fault 34)"""
    wrong = replace(published, password="never-in-a-message")
    for url in (published.simple, wrong.simple_with_credentials):
        with (
            pytest.raises(PackageIndexError, match=r"40[13], with") as refused,
            open_index(url) as index,
        ):
            index.files("stepwell-asked")
        assert refused.value.refused
        assert "never-in-a-message" not in str(refused.value)


def test_credentials_of_the_netrc_file_are_used(
    published: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = f"machine 127.0.0.1 login {published.username} password {published.password}\n"
    (tmp_path / "netrc").write_text(login)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with open_index(published.simple) as index:
        assert len(index.files("stepwell-asked")) == 3


def test_credentials_of_the_keyring_are_used_for_a_user_without_password(
    published: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "keyring"
    told = f'[ "$*" = "get {published.simple} team" ] && echo "{published.password}"'
    command.write_text(f"#!/bin/sh\n{told}\n")
    command.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("stepwell._indexes._credentials.find_spec", lambda name: None)
    with open_index(published.simple.replace("//", "//team@")) as index:
        assert len(index.files("stepwell-asked")) == 3


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (status(500), "it answers 500"),
        (status(503), "it answers 503"),
        (silent, "nothing came from it for 0.5 seconds"),
        (dripping, "it is not done after 2 seconds"),
        (breaking_off, "its answer breaks off"),
        (status(200, JSON, b"{"), "its page cannot be read"),
        (status(200, JSON, b"[1]"), "page cannot be read"),
        (status(200, JSON, NEWER), "newer version of the protocol"),
        (status(200, {"Content-Type": "image/png"}, b"x"), "neither JSON nor HTML"),
        (status(200, body=b"<form action=/login>"), "it answers with a form, as for signing in"),
        (status(302, {"Location": "/simple/x/"}), "it redirects more than 5 times"),
        (status(302, {"Location": "http://127.0.0.1:9/simple/x/"}), "it sends to another index"),
    ],
)
def test_index_that_does_not_work_is_no_empty_one(answer: Answer, told: str) -> None:
    """(fault 34)"""
    with answering(answer) as url:
        error = failure(url)
    assert told in str(error)
    assert not error.refused


def test_forbidden_package_is_a_refusal() -> None:
    """(fault 34)"""
    with answering(status(403)) as url:
        assert failure(url).refused


def test_index_that_is_down_is_told() -> None:
    """(fault 34)"""
    with answering(status(200)) as url:
        pass
    assert "no connection to it can be made" in str(failure(url))


def test_yanked_files_are_known_and_no_version_to_install() -> None:
    page = f"{PAGE.format('#sha256=00')}".replace("<a ", '<a data-yanked="leaks" ').encode()
    with answering(status(200, body=page)) as url, open_index(url) as index:
        files = index.files("x")
    assert [file.yanked for file in files] == ["leaks"]
    assert versions(files) == {}


def test_password_is_for_the_index_alone(published: PackageIndex) -> None:
    """Files may lie on another server, and that one is not told who asks."""
    seen: list[str | None] = []

    def elsewhere(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers.get("Authorization"))
        status(404)(request)

    with answering(elsewhere) as url, open_index(published.simple_with_credentials) as index:
        file = replace(index.files("stepwell-asked")[0], url=url)
        with pytest.raises(PackageIndexError, match="lists this file and does not have it"):
            index.download(file, Path())
    assert seen == [None]


@pytest.mark.parametrize("url", ["file:///simple", "stepwell", "https:///simple"])
def test_what_is_no_address_of_an_index_is_told(url: str) -> None:
    with pytest.raises(ConfigurationError, match="is not the address of a package index"):
        open_index(url).__enter__()
