"""Asking the server of an index: with patience, within limits, with credentials for it alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from stepwell._errors import PackageIndexError
from stepwell._indexes._credentials import (
    first_credentials,
    kept_credentials,
    without_credentials,
)

if TYPE_CHECKING:
    from requests import Response

PATIENCE = 15.0
"""Seconds in which a server has to begin to answer, and in which more has to come."""

_MOST_REDIRECTS = 5
_AT_ONCE = 1 << 16


class Server:
    """The server of an index; whatever goes wrong with it is a PackageIndexError."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        import requests

        self._url, self._patience = url, patience
        self._session = requests.Session()
        self._credentials = first_credentials(url)
        self._keyring_asked = False

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    @contextmanager
    def get(self, url: str, *, stay: bool, accept: str = "*/*") -> Iterator[Response]:
        """The answer at `url`, of status 200 or 404, with its content still to be read.

        With `stay`, an answer that sends to another server is an error: an index that sends whoever
        asks for a package that it does not have to a public one hands out a stranger's package.
        """
        with _trouble_told(url, self._patience):
            response = self._authorized(url, stay, accept)
        with response:
            if response.status_code not in (200, 404):
                raise self._refusal(url, response.status_code)
            yield response

    def content(self, response: Response, *, most: int, seconds: float) -> Iterator[bytes]:
        """The bytes of an answer as they come. Raises if they are too many or too slow."""
        end, received = time.monotonic() + seconds, 0
        while chunk := self._read(response):
            received += len(chunk)
            if received > most:
                raise broken(response.url, f"it sends more than {most:,} bytes")
            if time.monotonic() > end:
                raise broken(response.url, f"it is not done after {seconds:g} seconds")
            yield chunk

    def _read(self, response: Response) -> bytes:
        with _trouble_told(response.url, self._patience):
            chunk: bytes = response.raw.read1(_AT_ONCE, decode_content=True)
        return chunk

    def _authorized(self, url: str, stay: bool, accept: str) -> Response:
        """The answer, asked for again with what the keyring has if it is 401."""
        response = self._followed(url, stay, accept)
        if response.status_code != 401 or self._keyring_asked or not same_server(self._url, url):
            return response
        self._keyring_asked = True
        kept = kept_credentials(self._url)
        if kept is None:
            return response
        response.close()
        self._credentials = kept
        return self._followed(url, stay, accept)

    def _followed(self, url: str, stay: bool, accept: str) -> Response:
        """The answer behind redirects."""
        here = url
        for _ in range(_MOST_REDIRECTS):
            response = self._session.get(
                here,
                stream=True,
                allow_redirects=False,
                auth=self._credentials if same_server(self._url, here) else None,
                timeout=self._patience,
                headers={"Accept": accept, "Accept-Encoding": "identity"},
            )
            if not response.is_redirect:
                return response
            response.close()
            there = urljoin(here, response.headers["Location"])
            if stay and not same_server(here, there):
                raise broken(
                    url,
                    f"it sends to another index, {without_credentials(there)}",
                    hint="An index of steps must not fall back to another one: switch that off "
                    "(pypiserver has --disable-fallback).",
                )
            here = there
        raise broken(url, f"it redirects more than {_MOST_REDIRECTS} times")

    def _refusal(self, url: str, status: int) -> PackageIndexError:
        if status not in (401, 403):
            return broken(url, f"it answers {status}")
        known = "the credentials given" if self._credentials else "no credentials, none were found"
        return PackageIndexError(
            f"The package index refuses {without_credentials(url)}: {status}, with {known}.",
            hint="Credentials stand in the address of the index (in settings as ${NAME}), in a "
            "netrc file or in the keyring. No other index is asked.",
            refused=True,
        )


def broken(url: str, what: str, *, hint: str = "No other index is asked.") -> PackageIndexError:
    """The error for an index that does not work at `url`."""
    return PackageIndexError(
        f"The package index at {without_credentials(url)} does not work: {what}.", hint=hint
    )


def same_server(first: str, second: str) -> bool:
    """Whether two addresses have the same host and port; https may take over from http."""
    one, other = urlsplit(first), urlsplit(second)
    ports = {"http": 80, "https": 443}
    if (one.scheme, other.scheme) == ("http", "https") and not one.port and not other.port:
        return one.hostname == other.hostname
    return (one.scheme, one.hostname, one.port or ports.get(one.scheme)) == (
        other.scheme,
        other.hostname,
        other.port or ports.get(other.scheme),
    )


@contextmanager
def _trouble_told(url: str, patience: float) -> Iterator[None]:
    """Turns what the network does into a PackageIndexError without the address's password."""
    from requests import RequestException, Timeout
    from urllib3.exceptions import HTTPError
    from urllib3.exceptions import TimeoutError as Slow

    try:
        yield
    except (Timeout, Slow, TimeoutError):
        raise broken(url, f"nothing came from it for {patience:g} seconds") from None
    except (RequestException, HTTPError, OSError) as error:
        raise broken(url, _cause(error)) from None


def _cause(error: Exception) -> str:
    """What happened, without the words of the error, which hold the address."""
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import SSLError

    if isinstance(error, SSLError):
        return "its certificate is not trusted"
    if isinstance(error, NoConnection):
        return "no connection to it can be made"
    return f"its answer breaks off or cannot be read ({type(error).__name__})"
