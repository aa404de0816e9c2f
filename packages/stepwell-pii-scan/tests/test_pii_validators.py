"""The checks that stand behind the patterns, against the libraries and rules they come from."""

from string import ascii_uppercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn, numdb

from stepwell_pii_scan._countries.germany import is_social_security_number
from stepwell_pii_scan._keccak import keccak_256
from stepwell_pii_scan._payment import _IBAN_COUNTRIES, is_card, is_iban, is_luhn
from stepwell_pii_scan._phones import _is_national_number, is_phone_number
from stepwell_pii_scan._recognisers import REGIONS


@given(st.text("0123456789", min_size=2, max_size=19))
def test_luhn_agrees_with_stdnum(number: str) -> None:
    assert is_luhn(number) == luhn.is_valid(number)


@given(st.from_regex(r"(?:DE|GB|NO|XX)[0-9]{2}[A-Z0-9]{11,20}", fullmatch=True))
def test_iban_agrees_with_stdnum(number: str) -> None:
    assert is_iban(number) == iban.is_valid(number)


def test_every_country_of_stdnum_is_looked_for() -> None:
    registry = numdb.get("iban")
    codes = (f"{first}{second}" for first in ascii_uppercase for second in ascii_uppercase)
    known = {code for code in codes if registry.info(f"{code}00")[0][1]}
    assert known <= set(_IBAN_COUNTRIES.split("|"))


@given(st.sampled_from(["AT", "BE", "DE", "FR", "PL"]), st.integers(0, 10**18 - 1))
def test_an_iban_with_a_changed_digit_is_none(country: str, account: int) -> None:
    bban = f"{account:018}"[:18]
    valid = f"{country}{iban.calc_check_digits(f'{country}00{bban}')}{bban}"
    wrong = f"{valid[:-1]}{(int(valid[-1]) + 1) % 10}"
    assert not is_iban(wrong)


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4111111111111111", "Visa"),
        ("2221000000000009", "Mastercard, first of the 2-series"),
        ("2720991700000008", "Mastercard, last of the 2-series"),
        ("5555555555554444", "Mastercard"),
        ("378282246310005", "American Express"),
        ("30569309025904", "Diners Club"),
        ("6011111111111117", "Discover"),
        ("3530111333300000", "JCB"),
        ("6304000000000000", "Maestro"),
        ("2200000000000004", "Mir"),
    ],
)
def test_ranges_of_all_brands_are_known(number: str, brand: str) -> None:
    assert is_card(number), brand


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("2220999999999991", "below the 2-series"),
        ("2721000000000004", "above the 2-series"),
        ("1111111111111117", "no brand"),
        ("4222222222222", "Visa has no 13 digits any more"),
        ("5555555555554445", "the Luhn digit is wrong"),
    ],
)
def test_what_no_issuer_gave_out_is_no_card(number: str, why: str) -> None:
    assert not is_card(number), why


@pytest.mark.parametrize("number", ["15070649C103", "65170839J003", "55347124W504", "49973455Z450"])
def test_check_digit_of_social_security_numbers(number: str) -> None:
    right = number[-1]
    valid = [is_social_security_number(f"{number[:-1]}{digit}") for digit in range(10)]
    day, month = int(number[2:4]), int(number[4:6])
    possible = day <= 31 and month <= 12
    assert valid == [possible and str(digit) == right for digit in range(10)]


NATIONAL = st.from_regex(r"0[1-9][0-9]{1,3}[ /-][0-9]{3,8}", fullmatch=True)


@settings(deadline=None)
@given(st.sampled_from(sorted(REGIONS)), NATIONAL)
def test_quick_look_refuses_no_national_number_with_a_trunk_zero(region: str, written: str) -> None:
    by_plan = is_phone_number(written, region=region)
    assert _is_national_number(written, regions=(region,)) == by_plan


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_keccak_gives_the_published_digests(text: bytes, digest: str) -> None:
    assert keccak_256(text).hex() == digest
