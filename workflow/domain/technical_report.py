"""The technical conformity report: one verdict for each requirement (DSR 3.2, 4.5). [règle 74]

Issued with each decision that is notified, and again once reservations are lifted. What
instructors write beside a verdict stays inside: reasons are told by the college's decision and
its reservations. Recommendations are listed apart, never judged; nothing of the SSI
questionnaire is read here. [règle 57]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workflow.domain import document, document_facts, instruction, requirement
from workflow.domain import dossier as dossiers
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.requirement import CatalogueVersion
from workflow.domain.reservation import Reservation

if TYPE_CHECKING:
    from workflow.domain.college import CollegeDecision


def issue(call: Call, decision: CollegeDecision, reservations: Sequence[Reservation]) -> None:
    """Have the report of the call's dossier made, as the requirements stand now."""
    dossier = dossiers.of(call)
    last = document.latest(call.session, dossier.id, document.TECHNICAL_REPORT)
    document.ask(
        call,
        document.TECHNICAL_REPORT,
        {
            **document_facts.of(dossier, call.campaign),
            **_catalogue(call, dossier),
            "received_at": dossier.complete_received_at,
            "instructed_at": dossier.instructed_at,
            "decided_at": decision.decided_at,
            "outcome": decision.outcome,
            "reasons": decision.reasons,
            "reservations": [
                {
                    "number": each.number,
                    "requirement": each.requirement_code,
                    "nature": each.nature,
                    "text": each.text,
                    "lifted_at": each.lifted_at,
                }
                for each in reservations
            ],
        },
        version=1 if last is None else last.version + 1,
    )


def _catalogue(call: Call, dossier: Dossier) -> dict[str, Any]:
    pinned = call.session.get_one(CatalogueVersion, dossier.catalogue_version_id)
    verdicts = {
        row.requirement_code: row.verdict
        for row in instruction.of_dossier(call.session, dossier.id)
    }
    rows = requirement.catalogue_of(call.session, pinned.id)
    return {
        "catalogue": pinned.catalogue,
        "catalogue_version": pinned.version,
        "catalogue_derived": pinned.derived,
        "requirements": [
            {
                "code": row.code,
                "statement": row.statement,
                "type": row.type,
                "profile": call.campaign.names_of([row.profile]),
                "verdict": verdicts.get(row.code),
            }
            for row in rows
            if row.type != "recommendation" and row.profile in dossier.profiles
        ],
        "recommendations": [
            {"code": row.code, "statement": row.statement}
            for row in rows
            if row.type == "recommendation"
        ],
    }
