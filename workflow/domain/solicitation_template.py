"""Templates of solicitations: the questions asked often, ready to be inserted and edited.

They belong to a campaign and a kind of solicitation. What was asked is a copy: changing or
retiring a template touches nothing that was sent. Only the process owner keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import audit_log
from workflow.db import Base, Instant
from workflow.domain import campaign as campaigns
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import Actor
from workflow.domain.solicitation import ASKING_ROLE, LONGEST_QUESTION
from workflow.domain.standing import require_role
from workflow.errors import Conflict, InvalidAnswer, NotFound

MAY_KEEP = frozenset({"process_owner"})
LONGEST_TITLE = 120
MOST_TEMPLATES = 500


class SolicitationTemplate(Base):
    """One text ready to be asked: each of its lines is a question."""

    __tablename__ = "solicitation_template"
    __table_args__ = (Index(None, "campaign_id", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


def add(
    session: Session,
    actor: Actor,
    at: datetime,
    *,
    campaign_id: str,
    kind: str,
    title: str,
    text: str,
) -> SolicitationTemplate:
    """Offer a new template; raises NotAllowed, NotFound for an unknown campaign, InvalidAnswer."""
    require_role(actor, MAY_KEEP)
    campaigns.active(session, campaign_id)
    said = _worded(kind, title, text)
    added = SolicitationTemplate(
        campaign_id=campaign_id,
        kind=kind,
        title=said[0],
        text=said[1],
        changed_at=at,
        changed_by=actor.person_id,
    )
    session.add(added)
    session.flush()  # The history names the template by its id.
    _record(session, AuditKind.SOLICITATION_TEMPLATE_ADDED, added, actor, at)
    return added


def change(
    session: Session,
    actor: Actor,
    at: datetime,
    template_id: int,
    *,
    title: str,
    text: str,
    shown: datetime | None = None,
) -> SolicitationTemplate:
    """Word a template anew; raises NotAllowed, NotFound, InvalidAnswer, Conflict once retired.

    `shown` is the instant of the change that was read: a later one is a Conflict too.
    """
    found = _kept(session, actor, template_id, shown)
    found.title, found.text = _worded(found.kind, title, text)
    found.changed_at, found.changed_by = at, actor.person_id
    _record(session, AuditKind.SOLICITATION_TEMPLATE_CHANGED, found, actor, at)
    return found


def retire(
    session: Session,
    actor: Actor,
    at: datetime,
    template_id: int,
    *,
    shown: datetime | None = None,
) -> SolicitationTemplate:
    """Offer a template no more; raises NotAllowed, NotFound, Conflict when it is not offered.

    `shown` is the instant of the change that was read: a later one is a Conflict too.
    """
    found = _kept(session, actor, template_id, shown)
    found.retired_at = at
    _record(session, AuditKind.SOLICITATION_TEMPLATE_RETIRED, found, actor, at)
    return found


def find(session: Session, template_id: int) -> SolicitationTemplate:
    """A template by its id; raises NotFound."""
    found = session.get(SolicitationTemplate, template_id)
    if found is None:
        raise NotFound(f"Expected a template {template_id} but there is none. Check the number.")
    return found


def offered(session: Session, campaign_id: str, kind: str) -> Sequence[SolicitationTemplate]:
    """The templates that may be inserted, by title."""
    return session.scalars(
        select(SolicitationTemplate)
        .where(
            SolicitationTemplate.campaign_id == campaign_id,
            SolicitationTemplate.kind == kind,
            SolicitationTemplate.retired_at.is_(None),
        )
        .order_by(SolicitationTemplate.title, SolicitationTemplate.id)
        .limit(MOST_TEMPLATES)
    ).all()


def of_campaign(
    session: Session, campaign_id: str, *, after: int = 0, limit: int = MOST_TEMPLATES
) -> Sequence[SolicitationTemplate]:
    """A campaign's templates in the order in which they came, retired ones included."""
    return session.scalars(
        select(SolicitationTemplate)
        .where(SolicitationTemplate.campaign_id == campaign_id, SolicitationTemplate.id > after)
        .order_by(SolicitationTemplate.id)
        .limit(limit)
    ).all()


def _kept(
    session: Session, actor: Actor, template_id: int, shown: datetime | None
) -> SolicitationTemplate:
    require_role(actor, MAY_KEEP)
    found = find(session, template_id)
    session.refresh(found, with_for_update=True)
    if shown is not None and found.changed_at != shown:
        raise Conflict(
            f"Expected template {template_id} as it was at {shown.isoformat()} but it was changed"
            f" at {found.changed_at.isoformat()}. Read it again."
        )
    if found.retired_at is not None:
        raise Conflict(
            f"Expected template {template_id} to be offered but it was retired. Add a new one."
        )
    return found


def _worded(kind: str, title: str, text: str) -> tuple[str, str]:
    faults: dict[str, list[str]] = {}
    if kind not in ASKING_ROLE:
        faults["kind"] = ["Choisissez recevabilité ou instruction."]
    named = " ".join(title.split())
    if not named or len(named) > LONGEST_TITLE:
        faults["title"] = [f"Donnez un titre de {LONGEST_TITLE} caractères au plus."]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or any(len(line) > LONGEST_QUESTION for line in lines) or len(lines) > 50:
        faults["text"] = [
            f"Écrivez de 1 à 50 questions, une par ligne, de {LONGEST_QUESTION} caractères au"
            " plus chacune."
        ]
    if faults:
        raise InvalidAnswer(
            "Expected a kind, a title and at least one question but found a template without."
            " Complete it.",
            faults,
        )
    return named, "\n".join(lines)


def _record(
    session: Session, kind: AuditKind, found: SolicitationTemplate, actor: Actor, at: datetime
) -> None:
    payload = {
        "template": found.id,
        "campaign": found.campaign_id,
        "kind": found.kind,
        "title": found.title,
        "text": found.text,
    }
    event = audit_log.Event(kind, payload, actor.person_id, actor.name, at, at)
    audit_log.append(session, audit_log.HOUSE, [event])
