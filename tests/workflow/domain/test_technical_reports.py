"""What the acts freeze for their documents (DSR 3.1, 4.5, 4.10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from desk import Desk
from sqlalchemy import select

from workflow.domain import attestation, college, document, instruction, listing, reservation
from workflow.domain.document import Document


def facts_of(desk: Desk, dossier_id: int, kind: str) -> list[dict[str, Any]]:
    """The facts of each version of a document."""
    desk.session.flush()
    rows = desk.session.scalars(
        select(Document)
        .where(Document.dossier_id == dossier_id, Document.kind == kind)
        .order_by(Document.version)
    )
    return [row.facts for row in rows]


def notified(desk: Desk, outcome: str, *reservations: str) -> int:
    """A dossier whose operator was told of the decision."""
    dossier_id = desk.ready(verdict="not_conform" if reservations else "conform")
    desk.decided(dossier_id, outcome, *reservations)
    college.notify_decision(desk.call(dossier_id), outcome)
    return dossier_id


@pytest.mark.rule(39, 57, 74)
def test_a_report_freezes_verdicts_without_comments_recommendations_or_ssi_answers(
    desk: Desk,
) -> None:
    dossier_id = desk.ready()
    verdicts = [{"requirement": "TLS-01", "verdict": "conform", "comment": "Vu le 3, à deux."}]
    instruction.record_verdicts(desk.call(dossier_id), verdicts)
    desk.decided(dossier_id, "award")
    college.notify_decision(desk.call(dossier_id), "award")
    [facts] = facts_of(desk, dossier_id, document.TECHNICAL_REPORT)
    assert [(row["code"], row["verdict"]) for row in facts["requirements"]] == [
        ("TLS-01", "conform")
    ]
    assert [row["code"] for row in facts["recommendations"]] == ["CFG-01"]
    frozen = json.dumps(facts, ensure_ascii=False)
    assert "Vu le 3" not in frozen
    assert "antivirus" not in frozen


@pytest.mark.rule(74)
def test_a_second_report_says_that_reservations_were_lifted(desk: Desk) -> None:
    dossier_id = notified(desk, "non_blocking", "Refuser TLS 1.1.")
    for each in reservation.open_of(desk.session, dossier_id):
        each.lifted_at = desk.clock.now()
    listing.award(desk.call(dossier_id))
    attestation.issue(desk.call(dossier_id))
    first, second = facts_of(desk, dossier_id, document.TECHNICAL_REPORT)
    assert first["reservations"][0]["lifted_at"] is None
    assert second["reservations"][0]["lifted_at"] is not None


@pytest.mark.rule(17, 34, 73)
def test_an_award_asks_for_one_attestation_under_its_listing_number(desk: Desk) -> None:
    dossier_id = notified(desk, "award")
    listing.award(desk.call(dossier_id))
    attestation.issue(desk.call(dossier_id))
    [facts] = facts_of(desk, dossier_id, document.ATTESTATION)
    assert listing.is_valid_number(facts["listing"])
    assert facts["profiles"]
    assert len(facts_of(desk, dossier_id, document.TECHNICAL_REPORT)) == 1


@pytest.mark.rule(58, 61)
def test_the_receipt_of_the_proofs_names_each_file_with_its_hash(desk: Desk) -> None:
    dossier_id = desk.submitted()
    [facts] = facts_of(desk, dossier_id, document.PROOF_RECEIPT)
    assert len(facts["files"]) == 2
    assert all(len(each["sha256"]) == 64 for each in facts["files"])
    assert facts["received_at"]


@pytest.mark.rule(83)
def test_each_party_leaves_its_own_evidence(desk: Desk) -> None:
    dossier_id = desk.admitted()
    desk.sign_convention(dossier_id)
    first, second = facts_of(desk, dossier_id, document.SIGNATURE_EVIDENCE)
    assert (first["party"], second["party"]) == ("operator", "agency")
    assert first["text_sha256"] == second["text_sha256"]
    [both] = facts_of(desk, dossier_id, document.SIGNED_CONVENTION)
    assert [each["party"] for each in both["signatures"]] == ["operator", "agency"]


def test_codes_are_read_as_people_type_them() -> None:
    assert document.is_code(" 7k2q-9m4f-xt31-0abc ")
    for wrong in ("7K2Q-9M4F-XT31", "7K2Q-9M4F-XT31-0ABU", "OPE-MSS-2022-0001-59", ""):
        assert not document.is_code(wrong)
