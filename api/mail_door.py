"""The door of mails: what people choose, the campaign's own texts, what is tried again.

Each act is one transaction, recorded in the house's chain; the pages, the API and the command
line come through here. `at` is the machine's instant, as in every log.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflow import audit_log, outbox
from workflow.domain import campaign as campaigns
from workflow.domain import mail_delivery, mail_preference, notification, notification_template
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.mail_preference import MailChoice
from workflow.domain.notification_template import Wording
from workflow.domain.person import SYSTEM, Actor, Person
from workflow.errors import Conflict, NotFound
from workflow.outbox import OutboxMessage

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

MOST_AT_ONCE = 1_000


def choice_of(runtime: Runtime, actor: Actor) -> MailChoice:
    """What a person chose about its mails."""
    with runtime.database.reading() as session:
        person = _person(session, actor)
        return mail_preference.choice_of(session, person.id, person.email, person.roles)


def choose(
    runtime: Runtime, actor: Actor, rhythm: str, declined: Collection[str], at: datetime
) -> MailChoice:
    """Replace what a person chose about its mails; raises InvalidAnswer."""
    with runtime.database.transaction() as session:
        person = _person(session, actor)
        chosen = mail_preference.choose(
            session,
            person.id,
            person.email,
            person.roles,
            rhythm=rhythm,
            declined=declined,
            at=at,
        )
        mail_delivery.withdraw_declined(session, person.email, sorted(chosen.declined), at)
        _record(
            runtime,
            session,
            AuditKind.MAIL_PREFERENCE_CHANGED,
            actor,
            rhythm=rhythm,
            declined=sorted(chosen.declined),
        )
        return chosen


def decline(runtime: Runtime, address: str, kind: str, at: datetime) -> list[str]:
    """Decline a kind of mail for an address, without signing in; returns what is new."""
    with runtime.database.transaction() as session:
        fresh = mail_preference.decline(session, address, kind, at)
        if fresh:
            mail_delivery.withdraw_declined(session, address, fresh, at)
            _record(runtime, session, AuditKind.MAIL_DECLINED, SYSTEM, address=address, kinds=fresh)
        return fresh


def mark_read(runtime: Runtime, actor: Actor, *notification_ids: int) -> None:
    """Keep when notifications were first read; raises NotFound when one is not the actor's."""
    with runtime.database.transaction() as session:
        for each in notification_ids:
            notification.mark_read(session, each, actor, runtime.clock.now())


def change_text(
    runtime: Runtime,
    actor: Actor,
    campaign_id: str,
    kind: str,
    language: str,
    wording: Wording,
    *,
    shown: str | None = None,
) -> Wording:
    """Put a campaign's own text of a notification in force; raises NotFound, InvalidAnswer.

    `shown` is the mark of the text that was read: another one by now is a Conflict.
    """
    with runtime.database.transaction() as session:
        before = _shown_in_force(session, campaign_id, kind, language, shown)
        kept = notification_template.change(
            session,
            campaign_id,
            kind,
            language,
            wording,
            at=runtime.clock.now(),
            by=actor.person_id,
        )
        if kept != before:
            facts = _facts(campaign_id, kind, language, before, kept)
            _record(runtime, session, AuditKind.NOTIFICATION_TEMPLATE_CHANGED, actor, **facts)
        return kept


def reset_text(
    runtime: Runtime,
    actor: Actor,
    campaign_id: str,
    kind: str,
    language: str,
    *,
    shown: str | None = None,
) -> None:
    """Go back to the built-in text of a notification; raises NotFound, and Conflict as a change."""
    with runtime.database.transaction() as session:
        before = _shown_in_force(session, campaign_id, kind, language, shown)
        if notification_template.reset(session, campaign_id, kind, language):
            after = notification_template.built_in(kind, language)
            facts = _facts(campaign_id, kind, language, before, after)
            _record(runtime, session, AuditKind.NOTIFICATION_TEMPLATE_RESET, actor, **facts)


def retry(runtime: Runtime, actor: Actor, message_id: int | None = None) -> list[int]:
    """Try one incident again, or all of them; returns which. Raises Conflict when it is none."""
    with runtime.database.transaction() as session:
        wanted = (
            [each.id for each in outbox.incidents(session, limit=MOST_AT_ONCE)]
            if message_id is None
            else [message_id]
        )
        again = [each for each in (outbox.retry(session, number) for number in wanted) if each]
        if message_id is not None and not again:
            raise Conflict(
                f"Expected an incident {message_id} but it is none (any more)."
                " Look at the list of incidents."
            )
        for each in again:
            _requeue(session, each)
        if again:
            facts = [{"id": each.id, "topic": each.kind} for each in again]
            _record(runtime, session, AuditKind.OUTBOX_RETRIED, actor, messages=facts)
        return [each.id for each in again]


def _requeue(session: Session, message: OutboxMessage) -> None:
    if message.kind == mail_delivery.TOPIC and "delivery_id" in message.payload:
        mail_delivery.requeue(session, message.payload["delivery_id"])


def _shown_in_force(
    session: Session, campaign_id: str, kind: str, language: str, shown: str | None
) -> Wording | None:
    """The text in force, which no other act changes before this one ends."""
    audit_log.serialise(session, audit_log.HOUSE)
    before = _in_force(session, campaign_id, kind, language)
    if shown is not None and before is not None and before.mark != shown:
        raise Conflict(
            f"Expected the {language} text of {kind} that was shown but another is in force by"
            " now. Read it again."
        )
    return before


def _in_force(session: Session, campaign_id: str, kind: str, language: str) -> Wording | None:
    campaigns.active(session, campaign_id)
    return notification_template.wordings(session, campaign_id, kind).get(language)


def _facts(
    campaign_id: str, kind: str, language: str, before: Wording | None, after: Wording | None
) -> dict[str, Any]:
    def said(wording: Wording | None) -> dict[str, str] | None:
        return None if wording is None else {"subject": wording.subject, "body": wording.body}

    return {
        "campaign": campaign_id,
        "notification": kind,
        "language": language,
        "before": said(before),
        "after": said(after),
    }


def _person(session: Session, actor: Actor) -> Person:
    person = None if actor.person_id is None else session.get(Person, actor.person_id)
    if person is None:
        raise NotFound("Expected an account but found none. Sign in again.")
    return person


def _record(
    runtime: Runtime, session: Session, kind: AuditKind, actor: Actor, **payload: Any
) -> None:
    now = runtime.clock.now()
    event = audit_log.Event(kind, payload, actor.person_id, actor.name, now, now)
    audit_log.append(session, audit_log.HOUSE, [event])
