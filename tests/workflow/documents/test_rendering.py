"""Documents are drawn: tagged French PDFs, whatever people have typed."""

from __future__ import annotations

from typing import Any

import pytest
from papers import ASKED, CONVENTION, DOSSIER, HASH, RECEIPT, drawn

from workflow.documents import kinds, words
from workflow.documents.sheet import typeset
from workflow.domain import document

SIGNATURE: dict[str, Any] = {
    "party": "operator",
    "method": "in_tool",
    "name": "Hélène Castel",
    "quality": "représentant légal",
    "mandate": None,
    "account": {"name": "Hélène Castel", "email": "helene.castel@alize.example"},
    "signed_at": ASKED,
    "uploaded_at": None,
    "text_sha256": HASH,
    "pdf_sha256": None,
    "certificate": None,
    "signed_copy_sha256": None,
}
RESERVATION = {
    "number": 1,
    "requirement": "TLS-01",
    "nature": "minor",
    "text": "Refuser TLS 1.1.",
    "lifted_at": None,
}
REPORT = DOSSIER | {
    "received_at": ASKED,
    "instructed_at": ASKED,
    "decided_at": ASKED,
    "outcome": "non_blocking",
    "reasons": "Une correction mineure.",
    "reservations": [RESERVATION],
    "catalogue": "rem",
    "catalogue_version": "1",
    "catalogue_derived": True,
    "requirements": [
        {
            "code": "TLS-01",
            "statement": "Le service DOIT accepter TLS 1.2.",
            "type": "mandatory",
            "profile": "Général",
            "verdict": "not_conform",
        }
    ],
    "recommendations": [{"code": "CFG-01", "statement": "Le service PEUT offrir une BAL."}],
}
MINUTES = {
    "dsr": "DSR-OPE-MSS",
    "session": 3,
    "held_at": ASKED,
    "quorum": 3,
    "members": ["Membre A", "Membre B"],
    "partners": [["CNDA", "Denis Roy"]],
    "decisions": [
        {
            "dossier": "2022-001",
            "service": "Alizé",
            "service_version": "1",
            "company": "Alizé SAS",
            "outcome": "non_blocking",
            "words": "non attribution avec réserves non bloquantes",
            "reasons": "",
            "recused": ["Membre B"],
            "no_conflict": [],
            "reservations": [{"requirement": "TLS-01", "nature": "minor", "text": "Refuser."}],
        }
    ],
}
PROOFS = DOSSIER | {
    "received_at": ASKED,
    "notified_at": ASKED,
    "by": "Marc Vidal",
    "files": [
        {"requirement": "TLS-01", "position": 1, "name": "a.log", "size": 1234, "sha256": HASH}
    ],
}
FACTS: dict[str, dict[str, Any]] = {
    document.DEPOSIT_RECEIPT: RECEIPT,
    document.PROOF_RECEIPT: PROOFS,
    document.CONVENTION: CONVENTION,
    document.SIGNATURE_EVIDENCE: DOSSIER | SIGNATURE,
    document.SIGNED_CONVENTION: CONVENTION
    | {"signatures": [SIGNATURE, SIGNATURE | {"party": "agency"}]},
    document.TECHNICAL_REPORT: REPORT,
    document.ATTESTATION: DOSSIER | {"listing": "OPE-MSS-2022-0001-39", "listed_on": "2022-11-10"},
    document.MINUTES: MINUTES,
}


def said(kind: str, **changes: Any) -> str:
    """All that a document says, as plain text."""
    blocks = kinds.sheet_of(kind, FACTS[kind] | changes).blocks
    return str(blocks).replace("\\u200b", "").replace("\\xa0", " ").replace("\\u202f", " ")


def test_every_kind_of_document_has_a_sheet() -> None:
    assert set(FACTS) == set(document.PREFIXES)


@pytest.mark.parametrize("kind", FACTS)
def test_every_document_is_a_tagged_french_pdf(kind: str) -> None:
    pdf = drawn(kind, FACTS[kind])
    assert b"/StructTreeRoot" in pdf
    assert b"/Lang" in pdf
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


def test_the_same_facts_give_the_same_bytes() -> None:
    assert drawn(document.DEPOSIT_RECEIPT, RECEIPT) == drawn(document.DEPOSIT_RECEIPT, RECEIPT)


@pytest.mark.parametrize(
    "typed",
    [
        '#read("/etc/passwd")',
        "#import sys: inputs\n= Titre",
        "$x^2$ _a_ *b* `c` @d <e> \\ // /* [",
        "W" * 200,
        "名前 😀 \ue000 \ufdd0 \x07 العربية",
        " ",
        "",
    ],
)
def test_what_people_typed_is_never_evaluated_and_never_stops_a_document(typed: str) -> None:
    changed = RECEIPT | {"company": typed, "service": typed, "by": typed}
    assert drawn(document.DEPOSIT_RECEIPT, changed).startswith(b"%PDF-")


@pytest.mark.rule(39, 74)
def test_a_report_lists_recommendations_apart_and_never_judges_them() -> None:
    told = said(document.TECHNICAL_REPORT)
    verdicts, _mark, rest = told.partition("Préconisations")
    assert "TLS-01" in verdicts
    assert "Non conforme" in verdicts
    assert "CFG-01" not in verdicts
    assert "CFG-01" in rest
    assert "ne sont pas vérifiées" in rest


def test_a_report_says_which_reservations_were_lifted_since() -> None:
    lifted = RESERVATION | {"lifted_at": ASKED}
    told = said(document.TECHNICAL_REPORT, reservations=[lifted])
    assert "réserves levées depuis" in told
    assert "3 octobre 2022" in told


@pytest.mark.rule(34, 73)
def test_an_attestation_names_the_number_the_profiles_and_the_version() -> None:
    told = said(document.ATTESTATION)
    for fact in ("OPE-MSS-2022-0001-39", "Général", "version 4.2", "10 novembre 2022"):
        assert fact in told


@pytest.mark.rule(83)
def test_evidence_says_who_signed_what_when_and_how() -> None:
    told = said(document.SIGNATURE_EVIDENCE)
    for fact in ("Hélène Castel", "représentant légal", "2022-10-03 07:40:12 UTC", "dans l’outil"):
        assert fact in told
    assert HASH in told


def test_instants_are_told_in_paris() -> None:
    assert (
        words.instant("2022-10-03T22:30:00+00:00") == "4\u00a0octobre\u00a02022 à 0\u00a0h\u00a030"
    )
    assert words.day("2022-11-01") == "1er\u00a0novembre\u00a02022"
    assert words.size(12_400) == "12,4\u00a0Ko"


def test_french_spaces_do_not_break() -> None:
    assert typeset("« oui » : non ?") == "«\u00a0oui\u00a0»\u00a0: non\u202f?"
