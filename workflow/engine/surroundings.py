"""What diagrams are checked against: forms, operations, campaigns, roles, files in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflow.domain.campaign import Campaign
from workflow.domain.person import LANE_ROLES
from workflow.engine.diagram_checks import CampaignShape, CheckContext, OperationShape
from workflow.engine.forms import Forms
from workflow.engine.source_file import SourceFile
from workflow.service_tasks import registry


def surroundings(
    forms: Forms, campaigns: Iterable[Campaign], in_force: Sequence[SourceFile] = ()
) -> CheckContext:
    """The context of a check, with the operations that this version of the code offers."""
    return CheckContext(
        forms={form.key: form for form in forms},
        operations={
            name: OperationShape(
                name, frozenset(operation.parameters), operation.required, operation.outputs
            )
            for name, operation in registry.load().items()
        },
        campaigns=[_shape(campaign) for campaign in campaigns],
        roles=frozenset(LANE_ROLES),
        deployed=tuple(in_force),
    )


def _shape(campaign: Campaign) -> CampaignShape:
    constants = frozenset(f"campaign.{key}" for key in campaign.feel_constants()["campaign"])
    return CampaignShape(campaign.id, frozenset(campaign.delays), constants)
