"""Recognisers for the addresses of cryptocurrencies."""

from __future__ import annotations

from stepwell_pii_scan._keccak import keccak_256
from stepwell_pii_scan._recogniser import Recogniser, stdnum


def is_ethereum(written: str) -> bool:
    """Whether the case of the letters is the checksum of EIP-55, or carries none."""
    letters = written[2:]
    if letters in (letters.lower(), letters.upper()):
        return True
    digest = keccak_256(letters.lower().encode())
    return all(
        character.isdigit() or character.isupper() == (int(nibble, 16) >= 8)
        for character, nibble in zip(letters, digest.hex(), strict=False)
    )


BITCOIN = Recogniser(
    entity="CRYPTO",
    pattern=r"\b(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|BC1)[02-9ac-hj-np-zAC-HJ-NP-Z]{11,71})\b",
    valid=stdnum("bitcoin"),
    validation="checksum of Base58Check or Bech32",
    checked=True,
    context=("bitcoin", "btc", "wallet"),
    cuts=False,
    digits=1,
    examples=(
        "1NEDqZPvTWRaoho48qXuLLsrYomMXPABfD",
        "BTC: 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    ),
    suspects=("btc 1NEDqZPvTWRaoho48qXuLLsrYomMXPABfX",),
    counterexamples=("1NEDqZPvTWRaoho48qXuLLsrYomMXPABfX", "1234567890123456789012345678"),
)

ETHEREUM = Recogniser(
    entity="CRYPTO",
    pattern=r"\b0x[0-9A-Fa-f]{40}\b",
    valid=is_ethereum,
    validation="checksum of EIP-55, where there is one",
    checked=True,
    context=("ethereum", "eth", "wallet"),
    cuts=False,
    digits=1,
    examples=(
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "ETH: 0x52908400098527886e0f7030069857d2e4169ee7",
    ),
    suspects=("eth 0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",),
    counterexamples=(
        "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x52908400098527886E0F7030069857D2E4169E",
        "0xdeadbeef",
    ),
)

RECOGNISERS = (BITCOIN, ETHEREUM)
