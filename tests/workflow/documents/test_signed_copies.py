"""The convention comes back signed: by the right certificate, and otherwise as it was sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from papers import CONVENTION, TODAY, Authority, drawn, edited, flipped, signed

from workflow.documents import signed_copy
from workflow.documents.inspection import Trust
from workflow.documents.seal import Seal
from workflow.domain import document
from workflow.domain.convention_signature import same_person
from workflow.domain.document import InvalidDocument

AUTHORITY = Authority("AC de test")
REPRESENTATIVE = AUTHORITY.signer("Hélène CASTEL")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sent(our_seal: Seal) -> bytes:
    return our_seal.put_on(drawn(document.CONVENTION, CONVENTION), TODAY, final=False)


@pytest.fixture
def trust(our_seal: Seal, tmp_path: Path) -> Trust:
    return Trust.of(our_seal, AUTHORITY.trusted_in(tmp_path / "trust"))


def refusal(sent: bytes, given: bytes, trust: Trust) -> str:
    with pytest.raises(InvalidDocument) as refused:
        signed_copy.check(sent, given, trust, TODAY)
    return refused.value.faults["file"][0]


@pytest.mark.rule(83)
def test_the_signed_convention_tells_whose_certificate_signed(sent: bytes, trust: Trust) -> None:
    found = signed_copy.check(sent, signed(sent, REPRESENTATIVE), trust, TODAY)
    assert found.name == "Hélène CASTEL"
    assert "AC de test" in found.issuer
    assert same_person(found.name, "Castel, Helene")


def test_an_unsigned_convention_is_refused(sent: bytes, trust: Trust) -> None:
    assert "aucune signature" in refusal(sent, sent, trust)
    assert "aucune signature" in refusal(sent, sent + b"\n", trust)


def test_another_dossiers_convention_is_refused(sent: bytes, trust: Trust, our_seal: Seal) -> None:
    facts = CONVENTION | {"dossier": "2022-002"}
    other = our_seal.put_on(drawn(document.CONVENTION, facts), TODAY, final=False)
    assert "n’est pas la convention" in refusal(sent, signed(other, REPRESENTATIVE), trust)


def test_a_flipped_byte_is_caught_before_and_after_the_signature(sent: bytes, trust: Trust) -> None:
    assert "n’est pas la convention" in refusal(sent, flipped(signed(sent, REPRESENTATIVE)), trust)
    copy = bytearray(signed(sent, REPRESENTATIVE))
    at = copy.index(b"/Signature1", len(sent)) if b"/Signature1" in copy else len(sent) + 20
    copy[at + 3] ^= 1
    assert refusal(sent, bytes(copy), trust)


def test_an_edit_before_or_after_the_signature_is_caught(sent: bytes, trust: Trust) -> None:
    assert "modifiée" in refusal(sent, signed(edited(sent), REPRESENTATIVE), trust)
    assert refusal(sent, edited(signed(sent, REPRESENTATIVE)), trust)


def test_an_unknown_authority_and_an_expired_certificate_are_refused(
    sent: bytes, trust: Trust
) -> None:
    stranger = Authority("AC inconnue").signer("Hélène Castel")
    assert "n’est pas reconnu" in refusal(sent, signed(sent, stranger), trust)
    late = AUTHORITY.signer("Hélène Castel", until=TODAY - timedelta(days=1))
    assert "n’est pas reconnu" in refusal(sent, signed(sent, late), trust)


def test_our_own_seal_is_nobodys_signature(sent: bytes, trust: Trust, our_seal: Seal) -> None:
    assert "aucune signature" in refusal(sent, signed(sent, our_seal.signer), trust)


def test_two_signatures_are_one_too_many(sent: bytes, trust: Trust) -> None:
    twice = signed(signed(sent, REPRESENTATIVE), REPRESENTATIVE, "Signature2")
    assert "plusieurs signatures" in refusal(sent, twice, trust)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Hélène Castel", "CASTEL Helene", True),
        ("Jean-Marie Le Goff", "le goff jean marie", True),
        ("Hélène Castel", "Hélène Castelle", False),
        ("Hélène Castel", "Hélène", False),
        ("", "", False),
    ],
)
def test_names_are_compared_as_people_write_them(one: str, other: str, same: bool) -> None:
    assert same_person(one, other) is same
