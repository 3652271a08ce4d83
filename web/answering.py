"""What every page that sends an act shares: its key against double posts, and stale pages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from web.history_words import sentence
from web.language import _, language
from web.procedure_words import faults_in_words
from web.runtime import now, runtime
from web.whole_number import posted_number
from web.words import instant_words
from workflow.audit_log import AuditEntry, chain_of, latest_about, latest_of
from workflow.domain.audit_kinds import STEPS
from workflow.domain.person import Actor, find_by_email
from workflow.domain.person_administration import ADMINISTRATOR
from workflow.engine.instances import Instance
from workflow.errors import Conflict, InvalidAnswer

KEY_FIELD, REVISION_FIELD, MARK_FIELD = "~key", "~revision", "~shown"
LONGEST_KEY = 64


def act_key() -> str:
    """The key of the act that this page sends: the posted one, else a fresh one."""
    posted = request.form.get(KEY_FIELD, "")
    return posted if 0 < len(posted) <= LONGEST_KEY else token_hex(16)


def posted_revision() -> int | None:
    """The revision that the page showed; None when it carries none."""
    return posted_number(REVISION_FIELD)


def what_happened(session: Session, dossier_id: int | None, *more: str) -> str:
    """Who acted last on a dossier, what and when: the first sentence of a stale page.

    `more` are kinds that the page depends on, beside the steps of the procedure.
    """
    if dossier_id is None:
        return _told(None)
    found = latest_of(session, dossier_id, kinds=(*STEPS, *more), limit=1)
    return _told(next(iter(found), None))


def what_happened_in_house(session: Session, /, *kinds: str, **facts: Any) -> str:
    """Who acted last on something that is no dossier, what and when; found by its facts."""
    return _told(latest_about(session, kinds, **facts))


def who_opened(email: str, reader: Actor) -> str:
    """Who opened the account of an address and when: of one's own people, else nothing."""
    with runtime().database.reading() as session:
        found = find_by_email(session, email)
        own = found is not None and found.operator_id == reader.operator_id
        if found is None or not (own or ADMINISTRATOR in reader.roles):
            return ""
        kinds = ("account:invitation_accepted", "account:added")
        return what_happened_in_house(session, *kinds, email=found.email)


def who_invited(email: str, operator_id: int | None) -> str:
    """Who of a company, or of the Agency, last sent an invitation to an address, and when."""
    kinds = ("account:invited", "account:invitation_renewed")
    facts = {"email": email.strip().lower(), "operator_id": operator_id}
    with runtime().database.reading() as session:
        return what_happened_in_house(session, *kinds, **facts)


def what_happened_among(
    session: Session, dossiers: Mapping[int, str], since: datetime, *kinds: str
) -> str:
    """Who acted last on one of these dossiers (id → number) since an instant, what and when."""
    chains = {chain_of(dossier_id): number for dossier_id, number in dossiers.items()}
    entry = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.chain.in_(sorted(chains)),
            AuditEntry.kind.in_(kinds),
            AuditEntry.recorded_at >= since,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).first()
    if entry is None:
        return _told(None)
    return _("Dossier %(number)s", number=chains[entry.chain]) + _(" : ") + _told(entry)


def _told(entry: AuditEntry | None) -> str:
    if entry is None:
        return _("La situation a changé depuis que vous avez ouvert cette page.")
    return _(
        "%(who)s, %(when)s : %(what)s",
        who=entry.actor_name,
        when=instant_words(entry.recorded_at, now(), language(), weekday=False),
        what=sentence(entry),
    )


def revision_of(session: Session, dossier_id: int) -> int:
    """The revision of a dossier's procedure, which an acting page carries along."""
    found = select(Instance.revision).where(Instance.dossier_id == dossier_id)
    return session.scalar(found.order_by(Instance.id.desc()).limit(1)) or 0


def mark_of(*values: object) -> str:
    """A mark of what a page shows of something that has no revision."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def posted_mark() -> str | None:
    """The mark of what the page showed; None when it carries none."""
    return request.form.get(MARK_FIELD) or None


def sentences_of(refusal: InvalidAnswer) -> dict[str, list[str]]:
    """The faults of a refusal by key; its own words when it names no field."""
    if refusal.faults:
        return faults_in_words(refusal)
    return {"": [_("La réponse ne peut pas être enregistrée ainsi. Relisez-la.")]}


def is_stale(refusal: Conflict, revision: int | None, current: int) -> bool:
    """Whether an act was refused only because the page was older than the dossier."""
    return type(refusal) is Conflict and revision is not None and revision != current
