"""Listing numbers: check digits that notice what people mistype, and a register of them."""

from __future__ import annotations

import re

import pytest
from desk import Desk
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain import attestation, listing
from workflow.errors import Conflict

stems = st.builds(
    lambda year, sequence: f"OPE-MSS-{year}-{sequence:04d}",
    st.integers(2022, 2099),
    st.integers(1, 99_999),
)
numbers = stems.map(lambda stem: f"{stem}-{listing.check_digits(stem)}")


@given(numbers)
def test_a_number_with_its_check_digits_is_valid(number: str) -> None:
    assert listing.is_valid_number(number)
    assert listing.is_valid_number(number.lower().replace("-", " -"))


@given(numbers, st.data())
def test_one_mistyped_character_is_always_noticed(number: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([n for n, found in enumerate(number) if found.isdigit()]))
    wrong = data.draw(st.sampled_from([c for c in "0123456789" if c != number[place]]))
    assert not listing.is_valid_number(number[:place] + wrong + number[place + 1 :])


@given(numbers, st.data())
def test_two_exchanged_neighbours_are_always_noticed(number: str, data: st.DataObject) -> None:
    pairs = [
        n
        for n in range(len(number) - 1)
        if number[n : n + 2].isdigit() and number[n] != number[n + 1]
    ]
    place = data.draw(st.sampled_from(pairs))
    exchanged = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert not listing.is_valid_number(exchanged)


def test_the_check_digits_are_those_of_iso_7064() -> None:
    # The IBAN of the standard's own example: GB82 WEST 1234 5698 7654 32.
    assert listing.check_digits("WEST12345698765432GB") == "82"


@pytest.mark.parametrize("number", ["", "OPE-MSS-2022", "OPE-MSS-2022-0001", "0001-2022-97"])
def test_a_text_of_another_shape_is_no_listing_number(number: str) -> None:
    assert not listing.is_valid_number(number)


@pytest.mark.rule(73)
def test_numbers_follow_one_another_and_name_the_dsr_and_the_year(desk: Desk) -> None:
    listed = [listing.award(desk.call(desk.ready(rank))).number for rank in (0, 1)]
    assert [re.sub(r"-\d\d$", "", number) for number in listed] == [
        "OPE-MSS-2022-0001",
        "OPE-MSS-2022-0002",
    ]
    assert all(listing.is_valid_number(number) for number in listed)


@pytest.mark.rule(73)
def test_a_service_is_in_the_register_only_once_published(desk: Desk) -> None:
    dossier_id = desk.ready()
    number = listing.award(desk.call(dossier_id)).number
    assert listing.find(desk.session, number) is None
    listing.publish(desk.call(dossier_id))
    assert [found.number for found in listing.register(desk.session, "DSR-OPE-MSS")] == [number]
    assert listing.register(desk.session, "DSR-MDV-LGC") == []
    found = listing.find(desk.session, f" {number.lower()} ")
    assert found is not None
    assert (found.service_name, found.profiles, found.status) == (
        "Messagerie 0",
        ["general"],
        "active",
    )


def test_a_listing_is_dated_by_the_day_in_paris(desk: Desk) -> None:
    dossier_id = desk.at("2022-10-13T00:30").ready()
    assert str(listing.award(desk.call(dossier_id)).listed_on) == "2022-10-13"


@pytest.mark.rule(73)
def test_a_dossier_is_listed_once(desk: Desk) -> None:
    dossier_id = desk.ready()
    listing.award(desk.call(dossier_id))
    with pytest.raises(Conflict):
        listing.award(desk.call(dossier_id))


@pytest.mark.rule(34, 73)
def test_the_attestation_names_the_number_the_version_and_the_profiles(desk: Desk) -> None:
    dossier_id = desk.ready()
    with pytest.raises(Conflict):
        attestation.issue(desk.call(dossier_id))
    number = listing.award(desk.call(dossier_id)).number
    attestation.issue(desk.call(dossier_id))
    issued = attestation.find(desk.session, dossier_id)
    assert issued is not None
    assert all(words in issued.text for words in (number, "version\n1.0", "general"))
    with pytest.raises(Conflict):
        attestation.issue(desk.call(dossier_id))
