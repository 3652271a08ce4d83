"""What was written in the history cannot be altered without being found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.errors import InvalidInput
from workflow.hash_chain import GENESIS, ChainEntry, canonical, commitment, first_break, link

A_SENTENCE = r"^Expected .+ but .+\. .+\.$"
Chain = list[ChainEntry]


def salt_of(sequence: int) -> bytes:
    return hashlib.sha256(f"salt {sequence}".encode()).digest()


def chain_of(payloads: list[bytes]) -> Chain:
    """A sound chain with one entry for each payload."""
    chain: Chain = []
    for sequence, payload in enumerate(payloads, start=1):
        fields: dict[str, str | int] = {
            "sequence": sequence,
            "kind": "dossier:deposited",
            "commitment": commitment(payload, salt_of(sequence)),
        }
        previous = chain[-1].link if chain else GENESIS
        chain.append(ChainEntry(fields, link(previous, fields), payload, salt_of(sequence)))
    return chain


def with_field(entry: ChainEntry, name: str, value: str | int) -> ChainEntry:
    return replace(entry, fields={**entry.fields, name: value})


def without_field(entry: ChainEntry, name: str) -> ChainEntry:
    return replace(entry, fields={key: entry.fields[key] for key in entry.fields if key != name})


def sealed_again(chain: Chain, index: int) -> Chain:
    """The chain with one entry's own link computed anew, as a forger would."""
    previous = chain[index - 1].link if index else GENESIS
    forged = replace(chain[index], link=link(previous, chain[index].fields))
    return [*chain[:index], forged, *chain[index + 1 :]]


ALTERATIONS: dict[str, Callable[[ChainEntry], ChainEntry]] = {
    "another kind": lambda entry: with_field(entry, "kind", "dossier:rejected"),
    "a field more": lambda entry: with_field(entry, "note", ""),
    "a field less": lambda entry: without_field(entry, "kind"),
    "another number": lambda entry: with_field(entry, "sequence", 10_000),
    "a number as text": lambda entry: with_field(entry, "sequence", str(entry.fields["sequence"])),
    "no number": lambda entry: without_field(entry, "sequence"),
    "another commitment": lambda entry: with_field(entry, "commitment", "0" * 64),
    "no commitment": lambda entry: without_field(entry, "commitment"),
    "another link": lambda entry: replace(entry, link=GENESIS),
    "another payload": lambda entry: replace(entry, payload=(entry.payload or b"") + b" "),
    "another salt": lambda entry: replace(entry, salt=bytes(32)),
    "no salt": lambda entry: replace(entry, salt=None),
    "a byte moved from salt to payload": lambda entry: replace(
        entry,
        salt=(entry.salt or b"")[:-1],
        payload=(entry.salt or b"")[-1:] + (entry.payload or b""),
    ),
}

payload_lists = st.lists(st.binary(max_size=20), min_size=1, max_size=8)


@given(payload_lists)
def test_a_chain_that_nobody_touched_has_no_break(payloads: list[bytes]) -> None:
    assert first_break(chain_of(payloads)) is None


def test_an_empty_chain_has_no_break() -> None:
    assert first_break([]) is None


@pytest.mark.parametrize("alteration", ALTERATIONS)
@given(payloads=payload_lists, where=st.integers(0))
def test_any_single_alteration_is_found_where_it_is(
    alteration: str, payloads: list[bytes], where: int
) -> None:
    chain = chain_of(payloads)
    index = where % len(chain)
    chain[index] = ALTERATIONS[alteration](chain[index])
    assert first_break(chain) == index


@given(payloads=payload_lists, where=st.integers(0), data=st.data())
def test_any_flipped_bit_of_a_payload_is_found(
    payloads: list[bytes], where: int, data: st.DataObject
) -> None:
    chain = chain_of([payload + b"." for payload in payloads])
    index = where % len(chain)
    altered = bytearray(chain[index].payload or b"")
    bit = data.draw(st.integers(0, len(altered) * 8 - 1))
    altered[bit // 8] ^= 1 << bit % 8
    chain[index] = replace(chain[index], payload=bytes(altered))
    assert first_break(chain) == index


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=8), st.integers(0))
def test_an_entry_altered_and_sealed_again_is_found_at_the_next(
    payloads: list[bytes], where: int
) -> None:
    chain = chain_of(payloads)
    index = where % (len(chain) - 1)
    chain[index] = with_field(chain[index], "kind", "dossier:rejected")
    assert first_break(sealed_again(chain, index)) == index + 1


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=8), st.integers(0))
def test_entries_removed_repeated_or_exchanged_are_found(payloads: list[bytes], where: int) -> None:
    chain = chain_of(payloads)
    index = where % (len(chain) - 1)
    one, other = chain[index], chain[index + 1]
    assert first_break([*chain[:index], *chain[index + 1 :]]) == index
    assert first_break([*chain[:index], other, one, *chain[index + 2 :]]) == index
    assert first_break([*chain[: index + 1], one, *chain[index + 1 :]]) == index + 1


@given(payload_lists, st.sets(st.integers(0, 7)))
def test_erasing_payloads_with_their_salts_breaks_nothing(
    payloads: list[bytes], erased: set[int]
) -> None:
    chain = [
        replace(entry, payload=None, salt=None) if index in erased else entry
        for index, entry in enumerate(chain_of(payloads))
    ]
    assert first_break(chain) is None


def test_an_altered_entry_is_found_even_after_its_payload_was_erased() -> None:
    chain = [replace(entry, payload=None, salt=None) for entry in chain_of([b"a", b"b", b"c"])]
    chain[1] = with_field(chain[1], "kind", "dossier:rejected")
    assert first_break(chain) == 1


def test_the_missing_end_of_a_chain_shows_only_against_a_head_kept_elsewhere() -> None:
    chain = chain_of([b"a", b"b", b"c"])
    assert first_break(chain[:2]) is None
    assert chain[1].link != chain[2].link


def test_a_chain_can_be_verified_from_a_trusted_point() -> None:
    chain = chain_of([b"a", b"b", b"c"])
    assert first_break(chain[1:], previous=chain[0].link, first_sequence=2) is None
    assert first_break(chain[1:], previous=GENESIS, first_sequence=2) == 0
    assert first_break(chain[1:], previous=chain[0].link, first_sequence=3) == 0


def test_an_auditor_can_compute_commitment_and_link_with_ordinary_tools() -> None:
    salt = bytes(range(16))
    expected = hashlib.sha256(b"000102030405060708090a0b0c0d0e0f:" + b"payload").hexdigest()
    assert commitment(b"payload", salt) == expected
    text = '{"entry":{"commitment":"c","sequence":1},"previous":"p"}'
    assert (
        link("p", {"sequence": 1, "commitment": "c"}) == hashlib.sha256(text.encode()).hexdigest()
    )


def test_a_salt_too_short_to_hide_a_payload_is_refused() -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        commitment(b"payload", b"short")


def test_an_entry_without_number_or_commitment_cannot_be_linked() -> None:
    for fields in ({}, {"sequence": 1}, {"commitment": "c"}, {"sequence": "1", "commitment": "c"}):
        with pytest.raises(InvalidInput, match=A_SENTENCE):
            link(GENESIS, fields)


def test_canonical_text_is_sorted_compact_and_keeps_accents() -> None:
    assert (
        canonical({"réserve": [1, None, True], "a": "é"})
        == '{"a":"é","réserve":[1,null,true]}'.encode()
    )


def test_the_order_of_keys_does_not_change_the_canonical_text() -> None:
    assert canonical({"b": {"d": 1, "c": 2}, "a": 0}) == canonical({"a": 0, "b": {"c": 2, "d": 1}})


def test_one_instant_has_one_canonical_text_whatever_its_zone() -> None:
    instant = datetime(2022, 11, 7, 23, 0, tzinfo=UTC)
    elsewhere = instant.astimezone(timezone(timedelta(hours=9)))
    assert canonical(instant) == canonical(elsewhere) == b'"2022-11-07T23:00:00.000000Z"'
    assert canonical(date(2022, 11, 7)) == b'"2022-11-07"'


def test_decimals_are_written_as_exact_text() -> None:
    assert canonical({"amount": Decimal("14332.970")}) == b'{"amount":"14332.970"}'


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(datetime(2022, 11, 7), id="an instant without zone"),  # noqa: DTZ001
        pytest.param(float("nan"), id="not a number"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param(Decimal("NaN"), id="a decimal that is not a number"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param({1: "value"}, id="a key that is not text"),
        pytest.param({"member"}, id="a set"),
        pytest.param("\ud800", id="half a character"),
        pytest.param([{"deep": object()}], id="an unknown thing, deep inside"),
    ],
)
def test_what_has_no_single_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        canonical(value)
