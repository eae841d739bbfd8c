"""Check digits, verified by the rules' other direction: a whole number must come out right."""

from __future__ import annotations

from random import Random

import pytest

from docpipe.synth import identifiers

COUNTRIES = ("DE", "AT", "FR", "BE", "ES", "IT", "NL", "PT", "GB", "IE", "CH", "LU")


def _luhn_holds(number: str) -> bool:
    pairs = [int(char) * (2 if place % 2 else 1) for place, char in enumerate(reversed(number))]
    return sum(value // 10 + value % 10 for value in pairs) % 10 == 0


@pytest.mark.parametrize("country", COUNTRIES)
def test_an_iban_leaves_rest_one_and_has_the_length_of_its_country(country: str) -> None:
    lengths = {
        "DE": 22,
        "AT": 20,
        "FR": 27,
        "BE": 16,
        "ES": 24,
        "IT": 27,
        "NL": 18,
        "PT": 25,
        "GB": 22,
        "IE": 22,
        "CH": 21,
        "LU": 20,
    }
    for seed in range(50):
        iban = identifiers.iban(country, "ABCD", Random(seed))
        assert iban is not None
        assert len(iban) == lengths[country]
        assert int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def test_the_united_states_have_no_iban() -> None:
    assert identifiers.iban("US", "ABCD", Random(0)) is None


@pytest.mark.parametrize("seed", range(40))
def test_tax_numbers_satisfy_their_country(seed: int) -> None:
    ids = {country: identifiers.tax_id(country, Random(seed)) for country in COUNTRIES}
    assert _luhn_holds(ids["FR"][4:])
    assert int(ids["FR"][2:4]) == (int(ids["FR"][4:]) * 100 + 12) % 97
    assert _luhn_holds(ids["IT"][2:])
    assert _luhn_holds(ids["ES"][1:])
    assert (int(ids["BE"][2:10]) + int(ids["BE"][10:])) % 97 == 0
    assert int(ids["LU"][2:8]) % 89 == int(ids["LU"][8:])
    dutch = ids["NL"][2:11]
    assert (sum(int(c) * w for c, w in zip(dutch[:8], range(9, 1, -1), strict=True)) - int(dutch[8])) % 11 == 0
    british = ids["GB"][2:]
    assert (sum(int(c) * w for c, w in zip(british[:7], range(8, 1, -1), strict=True)) + int(british[7:])) % 97 == 0
    portuguese = ids["PT"]
    assert sum(int(c) * w for c, w in zip(portuguese, range(9, 0, -1), strict=True)) % 11 in (0, 1)
    product = 10
    for char in ids["DE"][2:10]:
        product = 2 * ((int(char) + product) % 10 or 10) % 11
    assert (product + int(ids["DE"][10])) % 10 == 1


def test_one_wrong_digit_breaks_an_iban() -> None:
    iban = identifiers.iban("DE", "ABCD", Random(1))
    assert iban is not None
    wrong = iban[:10] + str((int(iban[10]) + 1) % 10) + iban[11:]
    assert int("".join(str(int(char, 36)) for char in wrong[4:] + wrong[:4])) % 97 != 1
