"""The records of the procedure: history, dates, sessions, register, deployments, proofs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.readers import dossiers as dossier_reader
from workflow import audit_log
from workflow.audit_log import AuditEntry
from workflow.domain import college
from workflow.domain.audit_kinds import INTERNAL
from workflow.domain.campaign import CampaignVersion
from workflow.domain.college import CollegeSession
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.listing import Listing
from workflow.domain.proof import Proof
from workflow.engine.diagrams import Deployment, DeploymentMember, DiagramVersion
from workflow.errors import NotFound


def history(
    session: Session,
    dossier_id: int | None,
    *,
    after: int | None,
    limit: int,
    facts: bool,
    process: str | None = None,
) -> list[dict[str, Any]]:
    """Entries of one chain in order, one more than `limit`; what they hold only if asked.

    Without what they hold, what is internal to the Agency is left out whole. With `process`,
    only those that name it.
    """
    hidden = frozenset[str]() if facts else INTERNAL
    rows = audit_log.history_of(
        session, dossier_id, after=after or 0, limit=limit + 1, without=hidden, process=process
    )
    return [_entry(row, facts) for row in rows]


def _entry(row: AuditEntry, facts: bool) -> dict[str, Any]:
    names = ("sequence", "kind", "actor_name", "effective_at", "recorded_at", "commitment", "link")
    said = {name: getattr(row, name) for name in names}
    return {**said, "erased": row.payload is None, "facts": row.facts if facts else None}


def verdict(session: Session, dossier_id: int | None) -> dict[str, Any]:
    """What computing the chain again found."""
    found = audit_log.verify(session, audit_log.chain_of(dossier_id))
    return {
        "entries": found.entries,
        "intact": found.broken_at is None,
        "broken_at": found.broken_at,
    }


def deadlines(
    session: Session, dossier_id: int, *, before: int | None, limit: int
) -> Sequence[DeadlineRecord]:
    """Every legal date set for a dossier, newest first."""
    query = select(DeadlineRecord).where(DeadlineRecord.dossier_id == dossier_id)
    if before is not None:
        query = query.where(DeadlineRecord.id < before)
    return session.scalars(query.order_by(DeadlineRecord.id.desc()).limit(limit + 1)).all()


def college_sessions(
    session: Session, campaign_id: str, *, before: int | None, limit: int
) -> Sequence[CollegeSession]:
    """A campaign's college sessions, newest first."""
    query = select(CollegeSession).where(CollegeSession.campaign_id == campaign_id)
    if before is not None:
        query = query.where(CollegeSession.number < before)
    return session.scalars(query.order_by(CollegeSession.number.desc()).limit(limit + 1)).all()


def college_session(session: Session, campaign_id: str, number: int) -> dict[str, Any]:
    """One session with what it decided; raises NotFound."""
    found = session.scalars(
        select(CollegeSession).where(
            CollegeSession.campaign_id == campaign_id, CollegeSession.number == number
        )
    ).first()
    if found is None:
        raise NotFound(
            f"Expected session {number} of campaign {campaign_id} but there is none. Check both."
        )
    decisions = college.decisions_of(session, found.id)
    numbers = dossier_reader.numbers(session, (row.dossier_id for row in decisions))
    return {
        **session_facts(found),
        "partners": found.partners or [],
        "minutes_text": found.minutes_text,
        "decisions": [
            {
                "dossier": numbers[row.dossier_id],
                "outcome": row.outcome,
                "decided_at": row.decided_at,
                "reasons": row.reasons,
                "recused": row.recused or [],
                "no_conflict": row.no_conflict or [],
            }
            for row in decisions
        ],
    }


def session_facts(row: CollegeSession) -> dict[str, Any]:
    """What a list says of a session."""
    names = ("number", "scheduled_at", "held_at", "attendance", "minutes_number")
    return {"campaign": row.campaign_id, **{name: getattr(row, name) for name in names}}


def register(
    session: Session, dsr: str | None, *, after: tuple[date, str] | None, limit: int
) -> Sequence[Listing]:
    """The public register in the order of listing, one more than `limit`."""
    query = select(Listing).where(Listing.published_at.is_not(None))
    if dsr is not None:
        query = query.where(Listing.dsr == dsr)
    if after is not None:
        day, number = after
        query = query.where(
            (Listing.listed_on > day) | ((Listing.listed_on == day) & (Listing.number > number))
        )
    return session.scalars(query.order_by(Listing.listed_on, Listing.number).limit(limit + 1)).all()


def campaign_versions(
    session: Session, campaign_id: str, *, before: int | None, limit: int
) -> Sequence[CampaignVersion]:
    """The versions of a campaign, newest first."""
    query = select(CampaignVersion).where(CampaignVersion.campaign_id == campaign_id)
    if before is not None:
        query = query.where(CampaignVersion.version < before)
    return session.scalars(query.order_by(CampaignVersion.version.desc()).limit(limit + 1)).all()


def campaigns_in_force(
    session: Session, *, after: str | None, limit: int
) -> Sequence[CampaignVersion]:
    """The version in force of each campaign, by its id, one more than `limit`."""
    query = select(
        CampaignVersion.campaign_id, func.max(CampaignVersion.version).label("version")
    ).group_by(CampaignVersion.campaign_id)
    if after is not None:
        query = query.where(CampaignVersion.campaign_id > after)
    newest = query.order_by(CampaignVersion.campaign_id).limit(limit + 1).subquery()
    return session.scalars(
        select(CampaignVersion)
        .join(
            newest,
            (CampaignVersion.campaign_id == newest.c.campaign_id)
            & (CampaignVersion.version == newest.c.version),
        )
        .order_by(CampaignVersion.campaign_id)
    ).all()


def deployments(session: Session, *, before: int | None, limit: int) -> Sequence[Deployment]:
    """What was put in force, newest first."""
    query = select(Deployment)
    if before is not None:
        query = query.where(Deployment.id < before)
    return session.scalars(query.order_by(Deployment.id.desc()).limit(limit + 1)).all()


def deployment(session: Session, deployment_id: int) -> Deployment:
    """One deployment; raises NotFound."""
    found = session.get(Deployment, deployment_id)
    if found is None:
        raise NotFound(
            f"Expected a deployment {deployment_id} but there is none. Check its number."
        )
    return found


def files(
    session: Session, deployment_id: int, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """The files of a deployment by name, without their content, one more than `limit`."""
    columns = (
        DiagramVersion.name,
        DiagramVersion.version,
        DiagramVersion.sha256,
        DiagramVersion.deployed_at,
        DiagramVersion.deployed_by,
        func.length(DiagramVersion.content).label("size"),
    )
    query = (
        select(*columns)
        .join(DeploymentMember, DeploymentMember.diagram_version_id == DiagramVersion.id)
        .where(DeploymentMember.deployment_id == deployment_id)
    )
    if after is not None:
        query = query.where(DiagramVersion.name > after)
    rows = session.execute(query.order_by(DiagramVersion.name).limit(limit + 1)).mappings()
    return [dict(row) for row in rows]


def diagram_version(session: Session, name: str, version: int) -> DiagramVersion:
    """One version of one file; raises NotFound."""
    found = session.scalars(
        select(DiagramVersion).where(DiagramVersion.name == name, DiagramVersion.version == version)
    ).first()
    if found is None:
        raise NotFound(f"Expected version {version} of {name} but there is none. Check both.")
    return found


def proofs(
    session: Session, dossier_id: int, *, after: int | None, limit: int, handed_in: bool
) -> Sequence[Proof]:
    """A dossier's proofs in the order in which they came, one more than `limit`.

    With `handed_in`, those only that were submitted.
    """
    query = select(Proof).where(Proof.dossier_id == dossier_id, Proof.id > (after or 0))
    if handed_in:
        query = query.where(Proof.handed_in_at.is_not(None))
    return session.scalars(query.order_by(Proof.id).limit(limit + 1)).all()
