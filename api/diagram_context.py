"""What diagrams that arrive by the API are checked against: what is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy.orm import Session

from workflow.domain import campaign as campaigns
from workflow.domain.campaign import Campaign
from workflow.domain.person import ROLES
from workflow.engine import diagrams
from workflow.engine.diagram_checks import CampaignShape, CheckContext, OperationShape
from workflow.engine.source_file import SourceFile
from workflow.errors import NotFound
from workflow.service_tasks import registry

if TYPE_CHECKING:
    from workflow.engine.diagram_checks import FormKeys
    from workflow.engine.runtime import Runtime


def in_force(session: Session, runtime: Runtime) -> CheckContext:
    """The forms, operations, campaigns and diagrams in force."""
    registry.load()
    return CheckContext(
        forms=cast("dict[str, FormKeys]", {form.key: form for form in runtime.forms}),
        operations={
            name: OperationShape(name, frozenset(op.parameters), op.required, op.outputs)
            for name, op in registry.OPERATIONS.items()
        },
        campaigns=[_shape(campaign) for campaign in campaigns.all_active(session)],
        roles=frozenset(ROLES),
        deployed=_deployed(session),
    )


def _deployed(session: Session) -> list[SourceFile]:
    try:
        deployment_id = diagrams.latest(session)
    except NotFound:
        return []
    return [SourceFile(f.name, f.content) for f in diagrams.files_of(session, deployment_id)]


def _shape(campaign: Campaign) -> CampaignShape:
    constants = frozenset(f"campaign.{key}" for key in campaign.feel_constants()["campaign"])
    return CampaignShape(campaign.id, frozenset(campaign.delays), constants)
