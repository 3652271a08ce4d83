"""Documents on the pages: downloaded, signed by a certificate, checked by anyone."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from papers import TODAY, Authority, edited, flipped, signed
from sqlalchemy import select
from stage import AUDITOR, CAMPAIGN, INSTRUCTOR, LEGAL, OPERATOR, STRANGER, Stage

from workflow import outbox
from workflow.clock import VirtualClock
from workflow.documents.carrier import DocumentCarrier
from workflow.domain import document
from workflow.domain.document import Document
from workflow.domain.dossier import Dossier
from workflow.domain.proof import Proof
from workflow.domain.stored_content import StoredContent
from workflow.engine.runtime import Runtime
from workflow.settings import Settings

if TYPE_CHECKING:
    from tests.web.conftest import Browser

AUTHORITY = Authority("AC de test")


@pytest.fixture
def stage(app: Flask, runtime: Runtime, sealing: Settings, tmp_path: Path) -> Stage:
    """The procedure, with a seal and an authority that is trusted."""
    runtime.settings = replace(
        runtime.settings,
        seal_certificate=sealing.seal_certificate,
        seal_passphrase=sealing.seal_passphrase,
        trust_folder=AUTHORITY.trusted_in(tmp_path / "trust"),
    )
    return Stage.set_up(runtime)


def make_all(runtime: Runtime) -> None:
    system = VirtualClock(TODAY)
    carrier = DocumentCarrier(
        runtime.database, runtime.files, runtime.settings, runtime.clock, system
    )
    outbox.deliver(runtime.database, {document.OUTBOX_KIND: carrier}, system, limit=1000)


def pdf(runtime: Runtime, number: str) -> tuple[int, bytes]:
    """A made document: its id and its bytes."""
    with runtime.database.reading() as session:
        found = session.scalars(select(Document).where(Document.number == number)).one()
    with runtime.files.open(found.content_key or "") as file:
        return found.id, file.read()


def send(browser: Browser, address: str, content: bytes, **fields: str) -> str:
    """Give a file through the form of the page last opened."""
    data = {"csrf_token": browser.token, "file": (io.BytesIO(content), "fichier.pdf"), **fields}
    browser.page = browser.client.post(address, data=data, follow_redirects=True)
    return browser.text


def test_a_document_is_in_preparation_until_it_is_made(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    number = stage.number(stage.deposit())
    operator = signed_in(OPERATOR)
    assert "En préparation" in operator.open(f"/dossiers/{number}/documents")
    make_all(stage.runtime)
    page = operator.open(f"/dossiers/{number}/documents")
    assert "En préparation" not in page
    document_id, content = pdf(stage.runtime, f"ARD-{number}")
    assert f'href="/documents/{document_id}"' in page
    with operator.client.get(f"/documents/{document_id}") as answer:
        assert answer.data == content
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert f"ARD-{number}.pdf" in answer.headers["Content-Disposition"]
    assert signed_in(STRANGER).client.get(f"/documents/{document_id}").status_code == 404


def test_the_agency_reads_why_a_document_could_not_be_made(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    stage.runtime.settings = replace(stage.runtime.settings, seal_certificate="")
    number = stage.number(stage.deposit())
    make_all(stage.runtime)
    assert "JALON_SEAL_CERTIFICATE" in signed_in(INSTRUCTOR).open(f"/dossiers/{number}/documents")
    page = signed_in(OPERATOR).open(f"/dossiers/{number}/documents")
    assert "JALON_SEAL_CERTIFICATE" not in page
    assert "En préparation" in page


@pytest.mark.rule(83)
def test_a_legal_representative_signs_with_a_certificate(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    dossier_id = stage.admitted()
    number = stage.number(dossier_id)
    make_all(stage.runtime)
    with stage.runtime.database.reading() as session:
        name = session.get_one(Dossier, dossier_id).legal_representative_name
    _id, original = pdf(stage.runtime, f"CONV-{number}")
    legal = signed_in(LEGAL)
    address = f"/dossiers/{number}/convention-signee"
    legal.open(address)
    refused = send(legal, address, signed(original, AUTHORITY.signer("Un Autre")))
    assert legal.page.status_code == 422
    assert f"celui de Un Autre, et non de {name}" in refused
    assert "aucune signature" in send(legal, address, original)
    assert "Aucun fichier" in legal.post(address)
    kept = send(legal, address, signed(original, AUTHORITY.signer(name)))
    assert "Fichier signé par certificat, reçu" in kept
    assert "AC de test" in kept
    stage.do(dossier_id, "sign_convention", LEGAL)
    assert "Aucune signature n'est attendue" in legal.open(address).replace("’", "'")
    assert signed_in(OPERATOR).client.get(address).status_code == 403


def test_a_signed_copy_is_taken_back_to_sign_in_the_tool(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    dossier_id = stage.admitted()
    number = stage.number(dossier_id)
    make_all(stage.runtime)
    with stage.runtime.database.reading() as session:
        name = session.get_one(Dossier, dossier_id).legal_representative_name
    _id, original = pdf(stage.runtime, f"CONV-{number}")
    legal = signed_in(LEGAL)
    address = f"/dossiers/{number}/convention-signee"
    legal.open(address)
    send(legal, address, signed(original, AUTHORITY.signer(name)))
    assert "Signer plutôt avec un certificat" in legal.post(f"{address}/retirer")


@pytest.mark.rule(73, 83)
def test_anyone_checks_a_pdf_byte_for_byte(
    stage: Stage, browser: Browser, signed_in: Callable[[str], Browser]
) -> None:
    number = stage.number(stage.deposit())
    other = stage.number(stage.deposit("Bise"))
    make_all(stage.runtime)
    _id, content = pdf(stage.runtime, f"ARD-{number}")
    browser.open("/verifier")
    told = send(browser, "/verifier", content)
    assert "C'est le document délivré, octet pour octet" in told.replace("’", "'")
    assert "Cachet de l'ANS intact" in told.replace("’", "'")
    assert hashlib.sha256(content).hexdigest() in told
    wrong = send(browser, "/verifier", content, numero=f"ARD-{other}")
    assert "pas celui de ce numéro" in wrong
    for tampered in (flipped(content), edited(content)):
        told = send(browser, "/verifier", tampered)
        assert "aucun des documents délivrés" in told
        assert "rompu" in told
    for content, sentence in ((b"", "vide"), (b"GIF89a", "pas un PDF"), (b"%PDF-1.7", "lu")):
        assert sentence in send(browser, "/verifier", content)
        assert browser.page.status_code == 422
    assert sorted(each.size for each in stage.runtime.files.entries()).count(6) == 0


def test_a_code_tells_which_document_bears_it(stage: Stage, browser: Browser) -> None:
    number = stage.number(stage.deposit())
    with stage.runtime.database.reading() as session:
        code = session.scalars(select(Document.code)).one()
    browser.open(f"/verifier/{code}")
    assert browser.page.status_code == 404
    make_all(stage.runtime)
    page = browser.open(f"/verifier/{code.lower()}")
    assert browser.page.status_code == 200
    assert f"ARD-{number}" in page
    assert "Messageries" not in page
    browser.open("/verifier/0000-0000-0000-0000")
    assert browser.page.status_code == 404


def test_checking_files_is_limited(stage: Stage, browser: Browser) -> None:
    browser.open("/verifier")
    token = browser.token
    answers = [
        browser.client.post(
            "/verifier", data={"csrf_token": token, "file": (io.BytesIO(b"x"), "x.pdf")}
        ).status_code
        for _ in range(11)
    ]
    assert answers[-1] == 429
    assert set(answers[:10]) == {422}


def test_the_minutes_are_read_by_the_agency(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    stage.decided("award")
    make_all(stage.runtime)
    auditor = signed_in(AUDITOR)
    page = auditor.open("/college/1")
    with stage.runtime.database.reading() as session:
        minutes = session.scalars(select(Document).where(Document.kind == "minutes")).one()
    assert f'href="/documents/{minutes.id}"' in page
    path = f"/api/v1/campaigns/{CAMPAIGN}/college-sessions/1/minutes"
    with auditor.client.get(path) as answer:
        assert hashlib.sha256(answer.data).hexdigest() == minutes.sha256
    operator = signed_in(OPERATOR).client
    assert operator.get(f"/documents/{minutes.id}").status_code == 404
    assert operator.get(path).status_code == 403


@pytest.mark.rule(73, 74)
def test_an_award_leaves_an_attestation_and_a_report(
    stage: Stage, signed_in: Callable[[str], Browser], browser: Browser
) -> None:
    number = stage.number(stage.decided("award"))
    make_all(stage.runtime)
    page = signed_in(OPERATOR).open(f"/dossiers/{number}/documents")
    for title in ("Rapport de conformité technique", "Attestation de conformité", "Télécharger"):
        assert title in page
    with stage.runtime.database.reading() as session:
        issued = session.scalars(select(Document).where(Document.kind == "attestation")).one()
    _id, content = pdf(stage.runtime, issued.number)
    browser.open("/verifier")
    told = send(browser, "/verifier", content, numero=issued.facts["listing"])
    assert "octet pour octet" in told
    assert "toujours en vigueur" in told


def test_the_whole_dossier_is_downloaded_by_its_operator_and_by_auditors(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    number = stage.number(stage.submitted())
    make_all(stage.runtime)
    for email in (OPERATOR, AUDITOR):
        with signed_in(email).client.get(f"/dossiers/{number}/export") as answer:
            assert answer.mimetype == "application/zip"
            names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
        assert f"documents/CONVS-{number}.pdf" in names
        assert [name for name in names if name.startswith("preuves/")]
    assert signed_in(INSTRUCTOR).client.get(f"/dossiers/{number}/export").status_code == 403
    assert signed_in(STRANGER).client.get(f"/dossiers/{number}/export").status_code == 404


def test_an_export_leaves_out_what_the_scan_withholds_and_names_it(
    stage: Stage, signed_in: Callable[[str], Browser]
) -> None:
    number = stage.number(stage.submitted())
    with stage.runtime.database.transaction() as session:
        first = session.scalars(select(Proof).order_by(Proof.id)).first()
        assert first is not None
        session.merge(
            StoredContent(
                sha256=first.content_key,
                size=first.size,
                media_type=first.media_type,
                stored_at=stage.runtime.clock.now(),
                scan_state="infected",
                threat="Eicar-Test-Signature",
            )
        )
        name = first.file_name
    for email in (OPERATOR, AUDITOR):
        with signed_in(email).client.get(f"/dossiers/{number}/export") as answer:
            archive = zipfile.ZipFile(io.BytesIO(answer.data))
        assert not [each for each in archive.namelist() if each.endswith(name)]
        assert name in archive.read("LISEZ-MOI.txt").decode()
