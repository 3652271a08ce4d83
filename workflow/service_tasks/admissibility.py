"""Operations of the admissibility check."""

from __future__ import annotations

from datetime import date

from workflow.domain import admissibility
from workflow.service_tasks.registry import Call, operation


@operation("admissibility.conclude")
def conclude(
    call: Call,
    *,
    outcome: str,
    eligibility: str,
    in_trust_space: bool | None = None,
    component_source: str | None = None,
    contract_v2_operator_on: date | None = None,
    contract_v2_agency_on: date | None = None,
) -> None:
    """Keep what was checked, and what the eligibility table says."""
    admissibility.conclude(
        call,
        outcome=outcome,
        eligibility=eligibility,
        in_trust_space=in_trust_space,
        component_source=component_source,
        contract_v2_operator_on=contract_v2_operator_on,
        contract_v2_agency_on=contract_v2_agency_on,
    )
