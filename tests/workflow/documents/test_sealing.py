"""Documents are sealed, and whoever changes one is caught."""

from __future__ import annotations

import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from papers import CONVENTION, RECEIPT, TODAY, Authority, drawn, edited, flipped, signed
from pyhanko.sign.general import SigningError
from test_rendering import FACTS

from workflow.documents import inspection, seal
from workflow.documents.inspection import Signed, Trust
from workflow.documents.seal import InvalidSeal, Seal
from workflow.domain import document
from workflow.domain.document import InvalidDocument
from workflow.settings import Settings

pytestmark = pytest.mark.slow


def judged(pdf: bytes, our_seal: Seal | None, folder: str = "") -> list[Signed]:
    return inspection.judge(pdf, Trust.of(our_seal, folder), TODAY)


@pytest.mark.parametrize("kind", FACTS)
def test_a_sealed_document_of_each_kind_is_sound_until_it_is_changed(
    kind: str, our_seal: Seal
) -> None:
    sealed = our_seal.put_on(drawn(kind, FACTS[kind]), TODAY, final=kind != document.CONVENTION)
    [found] = judged(sealed, our_seal)
    assert found.is_ours
    assert found.is_sound
    assert found.is_whole
    for tampered in (flipped(sealed), edited(sealed)):
        [caught] = judged(tampered, our_seal)
        assert not caught.is_sound


def test_nobody_signs_a_document_that_is_closed(our_seal: Seal) -> None:
    someone = Authority("AC de test").signer("Hélène Castel")
    closed = our_seal.put_on(drawn(document.DEPOSIT_RECEIPT, RECEIPT), TODAY)
    with pytest.raises(SigningError):
        signed(closed, someone)
    still_open = our_seal.put_on(drawn(document.CONVENTION, CONVENTION), TODAY, final=False)
    assert judged(signed(still_open, someone), our_seal)[0].is_sound


def test_a_seal_of_someone_else_is_not_ours(our_seal: Seal, tmp_path: Path) -> None:
    other = seal.load(
        Settings(
            seal_certificate=str(seal.make_demonstration(tmp_path, TODAY)),
            seal_passphrase=seal.DEMO_PASSPHRASE,
        )
    )
    [found] = judged(other.put_on(drawn(document.DEPOSIT_RECEIPT, RECEIPT), TODAY), our_seal)
    assert not found.is_ours
    assert not found.is_sound


def test_the_demonstration_certificate_is_made_once_and_says_what_it_is(
    tmp_path: Path, our_seal: Seal
) -> None:
    made = seal.make_demonstration(tmp_path, TODAY)
    content = made.read_bytes()
    assert seal.make_demonstration(tmp_path, TODAY + timedelta(days=9)).read_bytes() == content
    assert made.stat().st_mode & 0o077 == 0
    assert our_seal.is_self_signed
    assert "démonstration" in our_seal.words


def test_a_certificate_out_of_its_time_seals_nothing(our_seal: Seal) -> None:
    with pytest.raises(InvalidSeal, match="Renew"):
        our_seal.put_on(drawn(document.DEPOSIT_RECEIPT, RECEIPT), TODAY + timedelta(days=4000))


def test_without_a_certificate_the_remedy_is_named(tmp_path: Path, sealing: Settings) -> None:
    with pytest.raises(InvalidSeal, match="Set JALON_SEAL_CERTIFICATE"):
        seal.load(Settings())
    with pytest.raises(InvalidSeal, match="cannot be read"):
        seal.load(Settings(seal_certificate=str(tmp_path / "none.p12")))
    with pytest.raises(InvalidSeal, match="cannot be opened"):
        seal.load(Settings(seal_certificate=sealing.seal_certificate, seal_passphrase="wrong"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "vide"),
        (b"PK\x03\x04 une archive", "pas un PDF"),
        (b"%PDF-1.7\nabc", "ne peut pas être lu"),
        (b"%PDF-1.7\n" + b"1 0 obj\nendobj\n" * 30_000, "démesuré"),
        (b"%PDF-" + bytes(inspection.LARGEST_PDF), "dépasse"),
    ],
)
def test_a_file_that_is_no_readable_pdf_is_refused_with_its_sentence(
    content: bytes, sentence: str
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        inspection.inspect(content, Trust(None, ""), TODAY)
    assert refused.value.code == "invalid_document"
    assert sentence in refused.value.faults["file"][0]


def test_a_bomb_is_stopped_in_a_process_of_its_own(our_seal: Seal) -> None:
    # Half a gigabyte of zeros twice deflated, as the table of objects.
    block = zlib.compress(bytes(16 * 1024 * 1024), 9)
    squeezed = zlib.compress(b"".join([block] * 40), 9)
    sealed = our_seal.put_on(drawn(document.DEPOSIT_RECEIPT, RECEIPT), TODAY)
    start = len(sealed)
    body = (
        b"9999 0 obj\n<< /Type /XRef /Size 10000 /W [1 4 2] /Root 1 0 R /Length %d"
        b" /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(squeezed)
    )
    bomb = sealed + body + squeezed + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    with pytest.raises(InvalidDocument):
        inspection.inspect(bomb, Trust.of(our_seal, ""), TODAY)


def test_signatures_are_judged_in_the_child_as_here(our_seal: Seal, tmp_path: Path) -> None:
    authority = Authority("AC de test")
    trusted = authority.trusted_in(tmp_path / "trust")
    sent = our_seal.put_on(drawn(document.CONVENTION, CONVENTION), TODAY, final=False)
    copy = signed(sent, authority.signer("Hélène Castel"))
    trust = Trust.of(our_seal, trusted)
    assert inspection.inspect(copy, trust, TODAY) == inspection.judge(copy, trust, TODAY)
