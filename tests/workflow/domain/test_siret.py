"""SIRET numbers: the key of Luhn, and the exception of La Poste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain import siret

thirteen_digits = st.from_regex(r"[0-9]{13}", fullmatch=True).filter(
    lambda digits: not digits.startswith(siret.LA_POSTE)
)


@given(thirteen_digits)
def test_exactly_one_key_makes_thirteen_digits_a_siret(stem: str) -> None:
    assert sum(siret.is_valid(f"{stem}{key}") for key in range(10)) == 1


@given(thirteen_digits, st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(stem: str, place: int, by: int) -> None:
    number = next(f"{stem}{key}" for key in range(10) if siret.is_valid(f"{stem}{key}"))
    wrong = str((int(number[place]) + by) % 10)
    mistyped = number[:place] + wrong + number[place + 1 :]
    assert not siret.is_valid(mistyped) or mistyped.startswith(siret.LA_POSTE)


@pytest.mark.parametrize("number", ["35600000000048", "35600000000001"])
def test_an_establishment_of_la_poste_is_a_siret(number: str) -> None:
    # The head office satisfies Luhn; others have digits that add up to a multiple of five.
    assert siret.is_valid(number) is (number == "35600000000048" or sum(map(int, number)) % 5 == 0)


def test_a_post_office_passes_although_its_key_is_not_luhns() -> None:
    assert siret.is_valid("35600000009075")
    assert not siret.is_valid("35600000009076")


@pytest.mark.parametrize("number", ["", "7328293200007", "732829320000744", "7328293200007X"])
def test_anything_but_fourteen_digits_is_no_siret(number: str) -> None:
    assert not siret.is_valid(number)


def test_a_siret_may_be_typed_with_spaces() -> None:
    assert siret.is_valid(siret.normalised("732 829 320 00074"))
