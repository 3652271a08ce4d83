"""Documents, from the act that asks for one to whoever downloads, signs, checks or tampers."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from api_world import CHECK, World
from papers import TODAY, Authority, edited, flipped, signed
from sqlalchemy import select

from workflow import audit_log, outbox
from workflow.clock import VirtualClock
from workflow.documents import seal as seals
from workflow.documents.carrier import DocumentCarrier
from workflow.documents.zip_stream import Entry, safe_name, stream
from workflow.domain import document
from workflow.domain.convention_signature import ConventionSignature
from workflow.domain.document import Document
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import FolderStore
from workflow.domain.proof import Proof
from workflow.outbox import DeliveryRefused, OutboxMessage
from workflow.scenarios import defaults
from workflow.settings import Settings

AUTHORITY = Authority("AC de test")
SYSTEM = VirtualClock(TODAY)


@pytest.fixture
def desk(world: World, sealing: Settings, tmp_path: Path) -> World:
    """A world that seals its documents and trusts one authority."""
    return settled(world, sealing, tmp_path)


def settled(world: World, sealing: Settings, folder: Path) -> World:
    world.runtime.settings = replace(
        world.runtime.settings,
        seal_certificate=sealing.seal_certificate,
        seal_passphrase=sealing.seal_passphrase,
        trust_folder=AUTHORITY.trusted_in(folder / "trust"),
    )
    return world


def carrier(world: World) -> DocumentCarrier:
    runtime = world.runtime
    return DocumentCarrier(runtime.database, runtime.files, runtime.settings, runtime.clock, SYSTEM)


def make_all(world: World) -> int:
    """Let the worker make what was asked for."""
    return outbox.deliver(
        world.runtime.database, {document.OUTBOX_KIND: carrier(world)}, SYSTEM, limit=1000
    )


def documents(world: World) -> dict[str, Document]:
    with world.runtime.database.reading() as session:
        return {row.number: row for row in session.scalars(select(Document))}


def content(world: World, made: Document) -> bytes:
    with world.runtime.files.open(made.content_key or "") as file:
        return file.read()


def admitted(world: World, name: str = "alize") -> str:
    number = world.deposit(name)
    done = world.complete("admissibility_officer", number, "check_admissibility", CHECK)
    assert done.status_code == 200, done.text
    return number


def sign(world: World, number: str, name: str = "alize") -> None:
    for who, element in (
        (f"representative.{name}", "sign_convention"),
        ("signatory", "countersign_convention"),
    ):
        assert world.complete(who, number, element, {"accepted": True}).status_code == 200


def representative_of(world: World, number: str) -> str:
    with world.runtime.database.reading() as session:
        found = session.scalars(select(Dossier).where(Dossier.number == number)).one()
        return found.legal_representative_name


def give(world: World, number: str, pdf: bytes, who: str = "representative.alize") -> Any:
    return world.as_(who).call(
        "PUT", f"/dossiers/{number}/signed-convention", data=pdf, content_type="application/pdf"
    )


@pytest.fixture
def on_machine_day(desk: World) -> World:
    """The machine's clock on a day of its own: certificates live by it."""
    desk.app.extensions["jalon_system_clock"] = VirtualClock(TODAY)
    return desk


# Making


@pytest.mark.rule(44)
def test_a_deposit_is_acknowledged_on_each_database(
    world_on_each_database: World, sealing: Settings, tmp_path: Path
) -> None:
    world = settled(world_on_each_database, sealing, tmp_path)
    number = world.deposit()
    [asked] = documents(world).values()
    assert asked.number == f"ARD-{number}"
    assert not asked.is_made
    assert make_all(world) == 1
    [made] = documents(world).values()
    assert hashlib.sha256(content(world, made)).hexdigest() == made.sha256
    with world.runtime.database.reading() as session:
        assert made.dossier_id is not None
        chain = audit_log.chain_of(made.dossier_id)
        assert audit_log.verify(session, chain).broken_at is None
        last = audit_log.latest_of(session, made.dossier_id)[0]
        assert last.kind == "document:issued"
        assert last.facts["sha256"] == made.sha256


def test_a_document_is_made_once_however_often_it_is_carried(
    world_on_each_database: World, sealing: Settings, tmp_path: Path
) -> None:
    world = settled(world_on_each_database, sealing, tmp_path)
    world.deposit()
    [asked] = documents(world).values()
    carrier(world)({"code": asked.code})
    [first] = documents(world).values()
    carrier(world)({"code": asked.code})
    [again] = documents(world).values()
    assert again.sha256 == first.sha256
    with world.runtime.database.reading() as session:
        kinds = [entry.kind for entry in audit_log.history_of(session, first.dossier_id)]
    assert kinds.count("document:issued") == 1


def test_a_crash_between_the_store_and_the_row_leaves_nothing_half_done(
    world_on_each_database: World,
    sealing: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = settled(world_on_each_database, sealing, tmp_path)
    world.deposit()
    [asked] = documents(world).values()

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(DocumentCarrier, "_keep", power_cut)
        with pytest.raises(KeyboardInterrupt):
            carrier(world)({"code": asked.code})
    [still] = documents(world).values()
    assert not still.is_made
    carrier(world)({"code": asked.code})
    assert all(row.is_made for row in documents(world).values())


def test_without_a_certificate_the_document_waits_and_the_incident_names_the_remedy(
    desk: World, sealing: Settings
) -> None:
    desk.runtime.settings = replace(desk.runtime.settings, seal_certificate="")
    desk.deposit()
    assert make_all(desk) == 0
    with desk.runtime.database.reading() as session:
        [waiting] = session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == document.OUTBOX_KIND)
        )
    assert waiting.incident
    assert "JALON_SEAL_CERTIFICATE" in (waiting.last_error or "")
    desk.runtime.settings = replace(
        desk.runtime.settings, seal_certificate=sealing.seal_certificate
    )
    with desk.runtime.database.transaction() as session:
        assert outbox.retry(session, waiting.id) is not None
    assert make_all(desk) == 1


def test_facts_changed_in_the_database_make_no_document(desk: World) -> None:
    desk.deposit()
    [asked] = documents(desk).values()
    with desk.runtime.database.transaction() as session:
        row = session.get_one(Document, asked.id)
        row.facts = {**row.facts, "company": "Une autre"}
    with pytest.raises(DeliveryRefused, match="were changed"):
        carrier(desk)({"code": asked.code})


def test_a_document_made_late_says_what_was_true_at_its_instant(desk: World) -> None:
    number = desk.deposit()
    with desk.runtime.database.transaction() as session:
        row = session.scalars(select(Dossier).where(Dossier.number == number)).one()
        row.company_name = "Renommée depuis"
    [asked] = documents(desk).values()
    assert asked.facts["company"] == defaults.company_of("alize")
    assert make_all(desk) == 1


# Signing


@pytest.mark.rule(83)
def test_signing_in_the_tool_leaves_evidence_of_both_parties(desk: World) -> None:
    number = admitted(desk)
    make_all(desk)
    sign(desk, number)
    make_all(desk)
    found = documents(desk)
    sent = found[f"CONV-{number}"]
    first, second = found[f"SIG-{number}"].facts, found[f"SIG-{number}-2"].facts
    assert (first["party"], second["party"]) == ("operator", "agency")
    assert first["pdf_sha256"] == sent.sha256
    assert first["method"] == "in_tool"
    assert first["account"]["email"] == "representative.alize@exemple.example"
    both = found[f"CONVS-{number}"].facts
    assert [each["party"] for each in both["signatures"]] == ["operator", "agency"]
    assert both["articles"] == sent.facts["articles"]
    assert all(row.is_made for row in found.values())


@pytest.mark.rule(83)
def test_the_convention_may_be_signed_by_a_certificate(on_machine_day: World) -> None:
    world = on_machine_day
    number = admitted(world)
    make_all(world)
    name = representative_of(world, number)
    original = content(world, documents(world)[f"CONV-{number}"])
    copy = signed(original, AUTHORITY.signer(name))
    answer = give(world, number, copy)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["name"] == name
    sign(world, number)
    facts = documents(world)[f"SIG-{number}"].facts
    assert facts["method"] == "pades"
    assert facts["name"] == name
    assert facts["signed_copy_sha256"] == hashlib.sha256(copy).hexdigest()
    assert "AC de test" in facts["certificate"]["issuer"]


def test_a_signed_copy_may_be_replaced_and_taken_back(on_machine_day: World) -> None:
    world = on_machine_day
    number = admitted(world)
    make_all(world)
    signer = AUTHORITY.signer(representative_of(world, number))
    original = content(world, documents(world)[f"CONV-{number}"])
    for _ in range(2):
        assert give(world, number, signed(original, signer)).status_code == 200
    with world.runtime.database.reading() as session:
        assert len(session.scalars(select(ConventionSignature)).all()) == 1
    path = f"/dossiers/{number}/signed-convention"
    assert world.as_("representative.alize").call("DELETE", path).status_code == 204
    assert world.as_("representative.alize").call("DELETE", path).status_code == 409
    sign(world, number)
    assert documents(world)[f"SIG-{number}"].facts["method"] == "in_tool"
    assert give(world, number, signed(original, signer)).status_code == 409


def wrong_files(original: bytes, name: str) -> Iterator[tuple[str, bytes, str]]:
    person = AUTHORITY.signer(name)
    yield "invalid_document", b"", "vide"
    yield "invalid_document", b"PK\x03\x04", "pas un PDF"
    yield "invalid_document", original, "aucune signature"
    yield "invalid_document", flipped(signed(original, person)), "n’est pas la convention"
    yield "invalid_document", signed(edited(original), person), "modifiée"
    yield "invalid_document", original + b"%PDF-garbage" * 50, ""
    yield "wrong_signer", signed(original, AUTHORITY.signer("Un Autre")), "Un Autre"


def test_what_is_not_the_signed_convention_is_refused_and_nothing_is_stored(
    on_machine_day: World,
) -> None:
    world = on_machine_day
    number = admitted(world)
    make_all(world)
    original = content(world, documents(world)[f"CONV-{number}"])
    before = sorted(each.key for each in world.runtime.files.entries())
    for code, pdf, sentence in wrong_files(original, representative_of(world, number)):
        answer = give(world, number, pdf)
        assert answer.status_code == 422, answer.text
        assert answer.get_json()["code"] == code
        assert sentence in answer.text
    assert sorted(each.key for each in world.runtime.files.entries()) == before
    with world.runtime.database.reading() as session:
        assert session.scalars(select(ConventionSignature)).all() == []


def test_another_dossiers_signed_convention_is_refused(on_machine_day: World) -> None:
    world = on_machine_day
    mine, other = admitted(world), admitted(world, "bise")
    make_all(world)
    theirs = content(world, documents(world)[f"CONV-{other}"])
    answer = give(world, mine, signed(theirs, AUTHORITY.signer(representative_of(world, mine))))
    assert answer.get_json()["code"] == "invalid_document"
    assert give(world, mine, theirs, "representative.bise").status_code == 404
    assert give(world, mine, theirs, "operator.alize").status_code == 403


# Reading


def test_an_operator_reads_its_own_documents_only(desk: World) -> None:
    number = admitted(desk)
    make_all(desk)
    path = f"/dossiers/{number}/documents"
    listed = desk.as_("operator.alize").get(path).get_json()["items"]
    assert [each["number"] for each in listed] == [f"ARD-{number}", f"CONV-{number}"]
    one = f"{path}/{listed[0]['id']}"
    with desk.as_("operator.alize").get(one) as answer:
        assert answer.mimetype == "application/pdf"
        assert hashlib.sha256(answer.data).hexdigest() == listed[0]["sha256"]
        assert "attachment" in answer.headers["Content-Disposition"]
    assert desk.as_("operator.bise").get(path).status_code == 404
    assert desk.as_("operator.bise").get(one).status_code == 404
    with desk.as_("instructor").get(one) as answer:
        assert answer.status_code == 200


@pytest.mark.rule(74, 76)
def test_a_report_is_read_by_its_operator_and_by_whoever_may_read_proofs(desk: World) -> None:
    number = admitted(desk)
    with desk.runtime.database.transaction() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.number == number)).one()
        session.add(
            Document(
                subject=f"dossier:{dossier.id}",
                kind=document.TECHNICAL_REPORT,
                version=1,
                number=f"RCT-{number}",
                code="0000-0000-0000-0000",
                dossier_id=dossier.id,
                facts={},
                facts_sha256="0" * 64,
                asked_at=desk.clock.now(),
            )
        )

    def sees(who: str) -> bool:
        found = desk.as_(who).get(f"/dossiers/{number}/documents").get_json()["items"]
        return f"RCT-{number}" in [each["number"] for each in found]

    assert sees("operator.alize")
    assert sees("instructor")
    assert sees("auditor")
    assert not sees("support")
    assert not sees("ssi_officer")


# Export


def unpacked(answer: Any) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def filled(world: World, number: str) -> None:
    """A proof kept under a name that is a path, as older rows may have one."""
    stored = world.runtime.files.put(b"journal")
    with world.runtime.database.transaction() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.number == number)).one()
        session.add(
            Proof(
                dossier_id=dossier.id,
                requirement_code="DER-TLS-01",
                position=1,
                kind="log",
                file_name="../../etc/pass wd\u202e.log",
                media_type="text/plain",
                size=stored.size,
                sha256=stored.sha256,
                content_key=stored.key,
                uploaded_at=world.clock.now(),
            )
        )


@pytest.mark.rule(57, 76)
def test_an_export_holds_the_dossier_and_its_hashes_and_nothing_of_the_ssi(
    desk: World, tmp_path: Path
) -> None:
    number = admitted(desk)
    filled(desk, number)
    make_all(desk)
    sign(desk, number)
    make_all(desk)
    files = unpacked(desk.as_("operator.alize").get(f"/dossiers/{number}/export"))
    assert {"LISEZ-MOI.txt", "dossier.pdf", "historique.json", "SHA256SUMS"} <= set(files)
    assert f"documents/CONVS-{number}.pdf" in files
    assert f"signatures/SIG-{number}.json" in files
    assert not [name for name in files if ".." in name or name.startswith("/")]
    assert {name.split("/")[0] for name in files} == {
        "LISEZ-MOI.txt",
        "dossier.pdf",
        "documents",
        "signatures",
        "preuves",
        "historique.json",
        "SHA256SUMS",
    }
    assert b"journal" in files.values()
    history = json.loads(files["historique.json"])
    assert "facts" not in history["entries"][0]
    for name, octets in files.items():
        target = tmp_path / "out" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(octets)
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path / "out", check=False).returncode == 0
    with (tmp_path / "out" / "dossier.pdf").open("ab") as tampered:
        tampered.write(b"x")
    assert subprocess.run(check, cwd=tmp_path / "out", check=False).returncode == 1


def test_the_auditor_exports_what_the_history_holds_and_no_proof_before_it_is_submitted(
    desk: World,
) -> None:
    number = admitted(desk)
    filled(desk, number)
    files = unpacked(desk.as_("auditor").get(f"/dossiers/{number}/export"))
    assert not [name for name in files if name.startswith("preuves/")]
    assert "facts" in json.loads(files["historique.json"])["entries"][0]


def test_others_export_nothing(desk: World) -> None:
    number = admitted(desk)
    assert desk.as_("operator.bise").get(f"/dossiers/{number}/export").status_code == 404
    assert desk.as_("instructor").get(f"/dossiers/{number}/export").status_code == 403


def test_an_export_is_refused_whole_when_the_store_has_lost_a_file(desk: World) -> None:
    number = admitted(desk)
    make_all(desk)
    desk.runtime.files.delete(documents(desk)[f"CONV-{number}"].content_key or "")
    answer = desk.as_("operator.alize").get(f"/dossiers/{number}/export")
    assert answer.status_code == 404
    assert f"CONV-{number}" in answer.text


def test_a_large_file_goes_through_a_zip_piece_by_piece(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    piece = bytes(1024 * 1024)
    kept = store.put(piece for _ in range(64))
    entries = [Entry("preuve.bin", kept.sha256, kept.size, key=kept.key)]
    largest = max(len(sent) for sent in stream(entries, store))
    assert largest < 2 * len(piece)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\journal.log", "journal.log"),
        ("été à Pâques.pdf", "ete-a-Paques.pdf"),
        ("CON.txt", "_CON.txt"),
        ("\u202e\x00..", "fichier"),
        ("名前", "fichier"),
        ("a" * 300 + ".log", "a" * 96 + ".log"),
    ],
)
def test_names_are_safe_on_every_system(typed: str, kept: str) -> None:
    assert safe_name(typed) == kept


def test_the_carrier_of_a_demo_seals_with_its_own_certificate(tmp_path: Path) -> None:
    made = seals.make_demonstration(tmp_path, TODAY)
    settings = Settings(seal_certificate=str(made), seal_passphrase=seals.DEMO_PASSPHRASE)
    assert seals.load(settings).is_self_signed
