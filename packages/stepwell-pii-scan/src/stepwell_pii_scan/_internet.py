"""Recognisers for addresses of the internet: e-mail, IPv4, IPv6, MAC, URLs with user info."""

from __future__ import annotations

import ipaddress
import re

from stepwell_pii_scan._recogniser import Recogniser

_OTHER_SCRIPTS = "\u00a1-\u1fff\u2070-\u2fff\u3001-\U0010ffff"
_ATOM = rf"[A-Za-z0-9_+~{_OTHER_SCRIPTS}-]"
_LABEL = rf"[A-Za-z0-9{_OTHER_SCRIPTS}-]"
_TOP_LEVEL = rf"(?:xn--[A-Za-z0-9-]{{2,59}}|[A-Za-z{_OTHER_SCRIPTS}]{{2,24}})"

NO_DOMAIN = ".invalid"
"""The end of domains that never exist (RFC 2606): what masked addresses end with."""

_FILES = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|css|js|html?|pdf)$", re.IGNORECASE)


def is_mailbox(written: str) -> bool:
    """Whether it is no file name such as `logo@2x.png`, and its domain can exist."""
    return _FILES.search(written) is None and not written.endswith(NO_DOMAIN)


def is_public_or_private_ip(written: str) -> bool:
    """Whether it is the address of some device: no loopback, multicast, netmask or reserved one."""
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    if address.is_loopback or address.is_multicast or address.is_unspecified:
        return False
    return address.version == 6 or not address.is_reserved


def is_ipv6(written: str) -> bool:
    """Whether it is an address of a device, and not a qualified name such as `a::b` in code."""
    first, _, rest = written.partition(":")
    abbreviated = "::" in rest or rest.startswith(":")
    if abbreviated and (len(first) < 3 or not any(c.isdigit() for c in written)):
        return False
    return is_public_or_private_ip(written)


def is_device(written: str) -> bool:
    """Whether it can be the address of one device: no broadcast, multicast or empty one."""
    digits = "".join(filter(str.isalnum, written)).lower()
    return len(digits) == 12 and int(digits[1], 16) % 2 == 0 and len(set(digits)) > 1


EMAIL = Recogniser(
    entity="EMAIL_ADDRESS",
    pattern=rf"{_ATOM}+(?:[.'&%]{_ATOM}+)*@(?:{_LABEL}{{1,63}}\.)+{_TOP_LEVEL}",
    valid=is_mailbox,
    validation="structure, international domains included",
    glue="",
    examples=(
        "max@example.com",
        "Schreib an erika.mustermann+news@firma-nord.de, danke.",
        "<MAX_M@sub.domain.example.co.uk>",
        "mailto:o'brien@example.ie?subject=Hi",
        "müller@müller.de",
        "почта@пример.рф",
        "x@y.museum;second@example.org",
        "{user@xn--mller-kva.de}",
    ),
    counterexamples=(
        "@example.com",
        "max@localhost",
        "max at example.com",
        "logo@2x.png",
        "@pytest.fixture",
        "a @ b.de",
        "price @1.50",
        "max@.de",
    ),
)

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

IPV4 = Recogniser(
    entity="IP_ADDRESS",
    pattern=rf"\b(?:{_OCTET}\.){{3}}{_OCTET}\b",
    valid=is_public_or_private_ip,
    validation="ipaddress, without loopback, multicast and netmasks",
    digits=4,
    glue=".",
    contradiction=("version", "v", "ver", "release", "build", "firmware", "rv"),
    examples=(
        "86.231.85.193",
        "login from 10.218.6.131.",
        "http://192.168.10.4:8080/x",
        "::ffff:86.231.85.193",
        "[203.0.113.77]",
    ),
    counterexamples=(
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "255.255.255.0",
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "version 4.1.2.3",
        "Mozilla/5.0 (X11; rv:1.9.5.20)",
        "10.0.19041.1",
        "224.0.0.251",
    ),
)

IPV6 = Recogniser(
    entity="IP_ADDRESS",
    pattern=r"\b[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.[0-9]{1,3}){0,3}",
    valid=is_ipv6,
    validation="ipaddress, without loopback, multicast and netmasks",
    glue=":",
    examples=(
        "2001:db8:85a3:0:0:8a2e:370:7334",
        "from 2001:db8::1: timeout",
        "d80:e4b5:79da:6cf6:71f3:51f7:9161:c319",
        "fe80::1ff:fe23:4567:890a",
        "[2a02:8071::25]:443",
    ),
    counterexamples=(
        "::1",
        "12:34:56",
        "00:1a:2b:3c:4d:5e",
        "std::vector",
        "abc::def",
        "a::b",
        "rows[1::2]",
        "12345:db8::1::2",
    ),
)

MAC = Recogniser(
    entity="MAC_ADDRESS",
    pattern=(
        r"\b[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})\b"
        r"|\b[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\b"
    ),
    valid=is_device,
    validation="structure, without broadcast and multicast",
    glue=":-.",
    cuts=False,
    examples=("00:1a:2b:3c:4d:5e", "MAC 3C-22-FB-7A-10-0D.", "switch 0090.27fa.c1d0"),
    counterexamples=(
        "ff:ff:ff:ff:ff:ff",
        "00:00:00:00:00:00",
        "01:00:5e:00:00:fb",
        "00:1a:2b:3c:4d",
        "00:1a:2b:3c:4d:5e:6f",
        "12:34:56",
    ),
)

URL = Recogniser(
    entity="URL_WITH_USER",
    pattern=r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/?#@:<>\"']{1,64}(?::[^\s/?#@<>\"']{0,64})?@[^\s<>\"']+",
    validation="structure",
    cuts=False,
    examples=("https://max:geheim@example.com/x", "ssh git clone ssh://erika@host/repo"),
    counterexamples=("https://example.com/@user", "https://example.com?to=a@b", "max@example"),
)

RECOGNISERS = (URL, EMAIL, IPV4, IPV6, MAC)
