"""What every page that sends an act shares: its key against double posts, and stale pages."""

from __future__ import annotations

from secrets import token_hex

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from web.history_words import sentence
from web.language import _, language
from web.procedure_words import faults_in_words
from web.runtime import now
from web.words import instant_words
from workflow.audit_log import AuditEntry, chain_of
from workflow.errors import Conflict, InvalidAnswer

TURN_KINDS = ("task:completed", "timer:fired", "message:received")
KEY_FIELD, REVISION_FIELD = "~key", "~revision"
LONGEST_KEY = 64


def act_key() -> str:
    """The key of the act that this page sends: the posted one, else a fresh one."""
    posted = request.form.get(KEY_FIELD, "")
    return posted if 0 < len(posted) <= LONGEST_KEY else token_hex(16)


def posted_revision() -> int | None:
    """The revision that the page showed; None when it carries none."""
    text = request.form.get(REVISION_FIELD, "")
    return int(text) if text.isdecimal() and len(text) < 12 else None


def what_happened(session: Session, dossier_id: int | None) -> str:
    """Who acted last on a dossier, what and when: the first sentence of a stale page."""
    entry = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.chain == chain_of(dossier_id), AuditEntry.kind.in_(TURN_KINDS))
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).first()
    if entry is None or dossier_id is None:
        return _("La situation a changé depuis que vous avez ouvert cette page.")
    return _(
        "%(who)s, %(when)s : %(what)s",
        who=entry.actor_name,
        when=instant_words(entry.recorded_at, now(), language(), weekday=False),
        what=sentence(entry),
    )


def sentences_of(refusal: InvalidAnswer) -> dict[str, list[str]]:
    """The faults of a refusal by key; its own words when it names no field."""
    if refusal.faults:
        return faults_in_words(refusal)
    return {"": [_("La réponse ne peut pas être enregistrée ainsi. Relisez-la.")]}


def is_stale(refusal: Conflict, revision: int | None, current: int) -> bool:
    """Whether an act was refused only because the page was older than the dossier."""
    return type(refusal) is Conflict and revision is not None and revision != current
