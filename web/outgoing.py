"""What leaves the tool, for its administrators: incidents of the outbox, log of mail copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import mail_door
from web.language import _, _n
from web.mail_words import STATES, failure_sentence, kind_title, topic_name
from web.older_entries import asked_before
from web.runtime import runtime
from web.signed_in import actor, requires_role
from web.whole_number import asked_number
from workflow import outbox
from workflow.domain import mail_delivery
from workflow.domain.dossier import Dossier
from workflow.domain.mail_delivery import MailDelivery
from workflow.domain.notification import Notification
from workflow.errors import InvalidInput
from workflow.outbox import OutboxMessage

PER_PAGE = 100
READERS = ("administrator", "auditor", "support")
SHOWN = ("failed", "retrying", "queued", "awaiting_digest", "sent", "digested", "opted_out", "read")

part = Blueprint("outgoing", __name__)


@dataclass(frozen=True)
class Incident:
    """An incident as the page shows it: what it carries, to whom, and why it did not leave."""

    message: OutboxMessage
    topic: str
    what: str
    to: str
    reason: str
    number: str | None


@part.get("/incidents")
@requires_role(*READERS)
def index() -> Any:
    """What was given up after its last try."""
    after = asked_number("apres") or 0
    with runtime().database.reading() as session:
        found = outbox.incidents(session, after=after, limit=PER_PAGE + 1)
        incidents = [_incident(session, each) for each in found[:PER_PAGE]]
        waiting = session.scalar(
            select(func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.delivered_at.is_(None), OutboxMessage.incident.is_(False))
        )
    return render_template(
        "outgoing/incidents.html",
        incidents=incidents,
        next_after=incidents[-1].message.id if len(found) > PER_PAGE else None,
        waiting=waiting or 0,
        may_retry="administrator" in actor().roles,
    )


@part.post("/incidents/relancer")
@requires_role("administrator")
def retry_all() -> Any:
    """Try every incident again."""
    again = mail_door.retry(runtime(), actor())
    flash(_n("%(num)s envoi relancé.", "%(num)s envois relancés.", len(again)), "done")
    return redirect(url_for("outgoing.index"), 303)


@part.post("/incidents/<int:message_id>/relancer")
@requires_role("administrator")
def retry(message_id: int) -> Any:
    """Try one incident again."""
    mail_door.retry(runtime(), actor(), message_id)
    flash(_("Envoi relancé."), "done")
    return redirect(url_for("outgoing.index"), 303)


@part.get("/courriels")
@requires_role(*READERS)
def deliveries() -> Any:
    """The log of copies by mail, newest first, all or in one state."""
    state, before = request.args.get("etat", ""), asked_before()
    if state and state not in STATES:
        raise InvalidInput(f"Expected a state of a copy but found {state[:40]!r}. Choose a tab.")
    with runtime().database.reading() as session:
        found = mail_delivery.log_of(
            session, state=state or None, before=before, limit=PER_PAGE + 1
        )
        numbers = _numbers(session, [told for _copy, told in found if told])
        by_state = select(MailDelivery.state, func.count()).group_by(MailDelivery.state)
        counts: dict[str, int] = {row[0]: row[1] for row in session.execute(by_state)}
    shown = found[:PER_PAGE]
    return render_template(
        "outgoing/deliveries.html",
        rows=[(copy, numbers.get(told.dossier_id) if told else None) for copy, told in shown],
        is_first=before is None,
        more=url_for(".deliveries", avant=shown[-1][0].id, etat=state or None)
        if len(found) > PER_PAGE
        else None,
        views=_views(state, counts),
        state=state,
        states=STATES,
        kind_title=kind_title,
        failure_sentence=failure_sentence,
        sends=bool(runtime().settings.smtp_host),
    )


def _views(state: str, counts: dict[str, int]) -> list[tuple[str, str, int | None, bool]]:
    every = (_("Toutes"), url_for("outgoing.deliveries"), sum(counts.values()), not state)
    return [
        every,
        *(
            (
                str(STATES[name][0]),
                url_for("outgoing.deliveries", etat=name),
                counts[name],
                name == state,
            )
            for name in SHOWN
            if counts.get(name) or name == state
        ),
    ]


def _incident(session: Session, message: OutboxMessage) -> Incident:
    payload, topic = message.payload, topic_name(message.kind)
    if message.kind == mail_delivery.TOPIC and "delivery_id" in payload:
        copy = session.get_one(MailDelivery, payload["delivery_id"])
        told = (
            None
            if copy.notification_id is None
            else session.get(Notification, copy.notification_id)
        )
        number = _numbers(session, [told]).get(told.dossier_id) if told else None
        what = kind_title(copy.kind)
        return Incident(message, topic, what, copy.address, failure_sentence(copy.failure), number)
    # A letter may carry a secret link: nothing of its text is shown.
    to = str(payload.get("to", ""))
    what = str(payload.get("subject") or payload.get("code") or "")
    return Incident(message, topic, what, to, "", None)


def _numbers(session: Session, told: list[Notification]) -> dict[int, str]:
    ids = {each.dossier_id for each in told}
    rows = session.execute(select(Dossier.id, Dossier.number).where(Dossier.id.in_(ids)))
    return {row.id: row.number for row in rows}
