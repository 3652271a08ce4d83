"""Which version of each file a deployment holds; never changes, so read once per process."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.runtime import memory
from workflow.engine.diagrams import DeploymentMember, DiagramVersion


def versions_of(session: Session, deployment_id: int) -> dict[str, int]:
    """File → version, for a deployment."""
    known: dict[int, dict[str, int]] = memory().setdefault("versions", {})
    if deployment_id not in known:
        rows = session.execute(
            select(DiagramVersion.name, DiagramVersion.version)
            .join(DeploymentMember, DeploymentMember.diagram_version_id == DiagramVersion.id)
            .where(DeploymentMember.deployment_id == deployment_id)
            .order_by(DiagramVersion.name)
        )
        known[deployment_id] = {row.name: row.version for row in rows}
    return known[deployment_id]
