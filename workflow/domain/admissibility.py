"""The check of completeness and eligibility (DSR 2.1, 4.2)."""

from __future__ import annotations

from datetime import date

from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.notification import notify, reason
from workflow.errors import InvalidAnswer, InvalidInput

COMPONENT_SOURCES = ("self", "non_operator", "operator")
DEVELOPER = "developer"


def conclude(
    call: Call,
    *,
    outcome: str,
    eligibility: str,
    in_trust_space: bool | None,
    component_source: str | None,
    contract_v2_operator_on: date | None,
    contract_v2_agency_on: date | None,
) -> None:
    """Keep the facts that were checked and what the eligibility table says of them.

    Raises InvalidAnswer when the officer admits what the table denies.
    """
    if component_source not in (*COMPONENT_SOURCES, None):
        raise InvalidInput(
            f"Expected a component source among {', '.join(COMPONENT_SOURCES)} but found"
            f" {component_source!r}. Choose one of them."
        )
    if outcome == "admissible" and eligibility != DEVELOPER:
        raise InvalidAnswer(
            f"Expected an eligible developer operator but the eligibility table says"
            f" {eligibility!r}. Correct the facts, or conclude otherwise.",
            {
                "outcome": [
                    "La table d’éligibilité ne permet pas de conclure à la recevabilité avec"
                    " ces éléments."
                ]
            },
        )
    dossier = dossiers.of(call)
    dossier.in_trust_space = in_trust_space
    dossier.component_source = component_source
    dossier.contract_v2_operator_on = contract_v2_operator_on
    dossier.contract_v2_agency_on = contract_v2_agency_on
    call.record(
        AuditKind.ADMISSIBILITY_CHECKED,
        {
            "outcome": outcome,
            "eligibility": eligibility,
            "in_trust_space": in_trust_space,
            "component_source": component_source,
            "contract_v2_operator_on": contract_v2_operator_on,
            "contract_v2_agency_on": contract_v2_agency_on,
        },
    )


def admit(call: Call) -> None:
    """The dossier is complete and admissible: its profiles are final from now on."""
    dossiers.of(call).admitted_at = call.effective_at
    call.record(AuditKind.DOSSIER_ADMITTED, {"profiles": dossiers.of(call).profiles})
    notify(call, "operator", "admitted")


def declare_ineligible(call: Call, motive: str | None) -> None:
    """The service cannot be listed (DSR 2.1)."""
    dossiers.of(call).end_reason = motive
    call.record(AuditKind.DOSSIER_DECLARED_INELIGIBLE, {"reason": motive})
    notify(call, "operator", "ineligible", reason=reason(motive))


def declare_exempt(call: Call) -> None:
    """A buyer operator needs no listing: its developer does (DSR 2.1)."""
    call.record(AuditKind.DOSSIER_EXEMPTED, {})
    notify(call, "operator", "exempt")
