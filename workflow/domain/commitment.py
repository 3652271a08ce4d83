"""The texts that an operator accepted, as they were shown (DSR 4.8, 4.3). [règles 59 78]

A box ticked proves nothing without the words beside it: each acceptance keeps them, with their
fingerprint, that of all the texts of the form, who accepted and when.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain.call import Call
from workflow.domain.dossier import COMMITMENTS
from workflow.domain.proof import DECLARATIONS
from workflow.errors import Conflict

KEYS = (*COMMITMENTS, *DECLARATIONS)


class TextsChanged(Conflict):
    """The texts to accept are not those that were shown."""


class CommitmentAcceptance(Base):
    """One text accepted; `form_version` is the fingerprint of all the texts its form showed."""

    __tablename__ = "commitment_acceptance"
    __table_args__ = (UniqueConstraint("dossier_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    key: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    form_key: Mapped[str] = mapped_column(String(80))
    form_version: Mapped[str] = mapped_column(String(64))
    accepted_at: Mapped[datetime] = mapped_column(Instant)
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


def fingerprint(text: str) -> str:
    """SHA-256, in hex, of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def accepted(texts: Mapping[str, str], answer: Mapping[str, object]) -> dict[str, str]:
    """Of the texts that a form shows, by key, the commitments that an answer accepts."""
    return {key: texts[key] for key in KEYS if key in texts and answer.get(key) is True}


def require_shown(version: str, shown: str | None) -> None:
    """Refuse an acceptance of other texts than those in force (TextsChanged).

    `shown` is the fingerprint of what the person read; None: whoever sends it vouches for it.
    """
    if shown is not None and shown != version:
        raise TextsChanged(
            "Expected an acceptance of the texts in force but they have changed since they were"
            " shown. Read them again, then accept them."
        )


def keep(call: Call, form_key: str, form_version: str, texts: Mapping[str, str]) -> None:
    """Keep what the call's actor accepts, in the words shown; the last acceptance stands."""
    dossier_id = dossiers.of(call).id
    known = {each.key: each for each in of_dossier(call.session, dossier_id)}
    for key, text in texts.items():
        row = known.get(key)
        if row is None:
            row = CommitmentAcceptance(dossier_id=dossier_id, key=key)
            call.session.add(row)
        row.text, row.sha256 = text, fingerprint(text)
        row.form_key, row.form_version = form_key, form_version
        row.accepted_at, row.accepted_by = call.effective_at, call.actor.person_id


def carry_over(call: Call, previous_dossier_id: int) -> None:
    """Keep the commitments of a dossier that the Agency reopens: who accepted them, and when."""
    dossier_id = dossiers.of(call).id
    for each in of_dossier(call.session, previous_dossier_id):
        if each.key in COMMITMENTS:
            call.session.add(
                CommitmentAcceptance(
                    dossier_id=dossier_id,
                    key=each.key,
                    text=each.text,
                    sha256=each.sha256,
                    form_key=each.form_key,
                    form_version=each.form_version,
                    accepted_at=each.accepted_at,
                    accepted_by=each.accepted_by,
                )
            )


def of_dossier(session: Session, dossier_id: int) -> Sequence[CommitmentAcceptance]:
    """What was accepted on a dossier, in the order of the DSR."""
    rows = session.scalars(
        select(CommitmentAcceptance)
        .where(CommitmentAcceptance.dossier_id == dossier_id)
        .limit(len(KEYS))
    ).all()
    return sorted(rows, key=lambda row: KEYS.index(row.key))
