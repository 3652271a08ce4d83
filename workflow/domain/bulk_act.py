"""Acts on many dossiers at once, prepared, confirmed, then carried out one dossier at a time.

Only acts of the house's own order are offered: who looks after a dossier, what one has read, a
note. A legal decision is never taken in bulk: each needs its own look, reasons and signature.
What became of each dossier is stored with it, so that a process that dies loses nothing and does
nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain.absence import ASSIGNING_ROLE, INSTRUCTOR
from workflow.domain.internal_note import LONGEST_NOTE
from workflow.domain.person import Actor
from workflow.domain.phrase import Phrase
from workflow.errors import Conflict, InvalidAnswer, LimitExceeded, NotAllowed, NotFound

MOST_DOSSIERS = 500
LONGEST_REASON = 2_000
ASSIGN, HAND_OVER, GIVE_BACK, NOTE, READ = "assign", "hand_over", "give_back", "note", "read"
ACTS = (ASSIGN, HAND_OVER, GIVE_BACK, NOTE, READ)
TO_SOMEBODY = frozenset({ASSIGN, HAND_OVER})
WITH_REASON = frozenset({ASSIGN, HAND_OVER, GIVE_BACK})
WAITING, DONE, REFUSED = "waiting", "done", "refused"
PREPARED_FOR = timedelta(days=1)
"""How long an act that nobody confirms is kept."""


class BulkAct(Base):
    """One act on the dossiers that somebody chose.

    `answer` holds `to` (id of a person), `reason` and `text`, where the act takes them. Nothing
    is done before `confirmed_at`; `finished_at` is when no dossier was left.
    """

    __tablename__ = "bulk_act"
    __table_args__ = (
        Index(None, "person_id", "id"),
        Index(None, "finished_at", "confirmed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    act: Mapped[str] = mapped_column(String(20))
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def to(self) -> int | None:
        """The person to whom dossiers go."""
        return self.answer.get("to")

    @property
    def reason(self) -> str:
        """Why."""
        return str(self.answer.get("reason") or "")

    @property
    def text(self) -> str:
        """The note to write."""
        return str(self.answer.get("text") or "")


class BulkActItem(Base):
    """One dossier of a bulk act, and what became of it: its state, and the code of a refusal."""

    __tablename__ = "bulk_act_item"
    __table_args__ = (
        UniqueConstraint("bulk_act_id", "dossier_id"),
        Index("ix_bulk_act_item_left", "bulk_act_id", "state", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bulk_act_id: Mapped[int] = mapped_column(ForeignKey("bulk_act.id"))
    position: Mapped[int]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    state: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(60))
    done_at: Mapped[datetime | None] = mapped_column(Instant)


def offered(actor: Actor) -> tuple[str, ...]:
    """The acts that a person may carry out on many dossiers."""
    if not actor.is_agency or actor.operator_id is not None or actor.person_id is None:
        return ()
    acts = (ASSIGN,) if ASSIGNING_ROLE in actor.roles else ()
    if INSTRUCTOR in actor.roles:
        acts += (HAND_OVER, GIVE_BACK)
    return (*acts, NOTE, READ)


def prepare(
    session: Session, actor: Actor, act: str, dossier_ids: Sequence[int], at: datetime
) -> BulkAct:
    """Keep what somebody means to do, in the order of the dossiers; nothing is done yet.

    What the same person prepared days ago and never confirmed is forgotten. Raises NotAllowed,
    InvalidAnswer without a dossier, LimitExceeded.
    """
    _require_offered(actor, act)
    chosen = list(dict.fromkeys(dossier_ids))
    if not chosen:
        raise InvalidAnswer(
            "Expected at least one dossier but none was chosen. Tick one.",
            {"dossiers": [Phrase("Cochez au moins un dossier.", "Tick at least one dossier.")]},
        )
    if len(chosen) > MOST_DOSSIERS:
        raise LimitExceeded(
            f"Expected at most {MOST_DOSSIERS} dossiers but found {len(chosen)}. Choose fewer."
        )
    _forget_unconfirmed(session, actor.person_id or 0, at - PREPARED_FOR)
    prepared = BulkAct(person_id=actor.person_id or 0, act=act, answer={}, created_at=at)
    session.add(prepared)
    session.flush()  # Its dossiers name it.
    session.add_all(
        BulkActItem(bulk_act_id=prepared.id, position=place, dossier_id=each, state=WAITING)
        for place, each in enumerate(chosen)
    )
    session.flush()
    return prepared


def complete(
    session: Session, actor: Actor, bulk_act_id: int, *, to: int | None, reason: str, text: str
) -> BulkAct:
    """Say to whom, why, or which note; raises NotFound, InvalidAnswer, Conflict once confirmed."""
    found = of_actor(session, actor, bulk_act_id)
    if found.confirmed_at is not None:
        raise Conflict("Expected an act not confirmed yet but it is. Read its report.")
    faults: dict[str, list[str]] = {}
    if found.act in TO_SOMEBODY and to is None:
        faults["to"] = [
            Phrase("Choisissez une personne dans la liste.", "Choose a person in the list.")
        ]
    if len(reason.strip()) > LONGEST_REASON:
        faults["reason"] = [
            Phrase(
                f"Écrivez au plus {LONGEST_REASON} caractères.",
                f"Write at most {LONGEST_REASON} characters.",
            )
        ]
    if found.act == NOTE and not 1 <= len(text.strip()) <= LONGEST_NOTE:
        faults["text"] = [
            Phrase(
                f"Écrivez un texte de {LONGEST_NOTE} caractères au plus.",
                f"Write a text of {LONGEST_NOTE} characters at most.",
            )
        ]
    if faults:
        raise InvalidAnswer(
            f"Expected a person, a reason and a text that fit but {', '.join(sorted(faults))} do"
            " not. Correct them.",
            faults,
        )
    found.answer = {"to": to, "reason": reason.strip(), "text": text.strip()}
    return found


def is_complete(found: BulkAct) -> bool:
    """Whether all that the act needs was said."""
    if found.act in TO_SOMEBODY:
        return found.to is not None
    return found.act != NOTE or bool(found.text)


def confirm(session: Session, actor: Actor, bulk_act_id: int, at: datetime) -> bool:
    """Let the act begin; False when it was confirmed before: a button pressed twice.

    Raises NotFound, InvalidAnswer when something it needs was not said.
    """
    found = of_actor(session, actor, bulk_act_id)
    if not is_complete(found):
        raise InvalidAnswer(
            "Expected all that the act needs but something was not said. Fill it in.",
            {
                "to": [
                    Phrase(
                        "Complétez d’abord ce que l’acte demande.",
                        "First fill in what the act asks for.",
                    )
                ]
            },
        )
    taken = session.execute(
        update(BulkAct)
        .where(BulkAct.id == bulk_act_id, BulkAct.confirmed_at.is_(None))
        .values(confirmed_at=at)
        .returning(BulkAct.id)
    )
    return taken.first() is not None


def claim(session: Session, item_id: int, state: str, code: str | None, at: datetime) -> bool:
    """Settle one dossier, in the transaction of its act; False when another process did."""
    settled = session.execute(
        update(BulkActItem)
        .where(BulkActItem.id == item_id, BulkActItem.state == WAITING)
        .values(state=state, code=code, done_at=at)
        .returning(BulkActItem.id)
    )
    return settled.first() is not None


def finish(session: Session, bulk_act_id: int, at: datetime) -> bool:
    """Note that no dossier is left; False while one is, or when it was noted before."""
    if waiting_items(session, bulk_act_id, limit=1):
        return False
    ended = session.execute(
        update(BulkAct)
        .where(BulkAct.id == bulk_act_id, BulkAct.finished_at.is_(None))
        .values(finished_at=at)
        .returning(BulkAct.id)
    )
    return ended.first() is not None


def of_actor(session: Session, actor: Actor, bulk_act_id: int) -> BulkAct:
    """One's own bulk act; raises NotFound, also on somebody else's."""
    found = session.get(BulkAct, bulk_act_id)
    if found is None or found.person_id != actor.person_id:
        raise NotFound(f"Expected a bulk act {bulk_act_id} of yours but there is none. Check it.")
    return found


def unfinished(session: Session, *, limit: int = 10) -> Sequence[int]:
    """The ids of acts that were confirmed and are not finished, first confirmed first."""
    return session.scalars(
        select(BulkAct.id)
        .where(BulkAct.finished_at.is_(None), BulkAct.confirmed_at.is_not(None))
        .order_by(BulkAct.confirmed_at, BulkAct.id)
        .limit(limit)
    ).all()


def waiting_items(session: Session, bulk_act_id: int, *, limit: int) -> list[tuple[int, int]]:
    """The next dossiers to do, in order: ids of the item and of the dossier."""
    rows = session.execute(
        select(BulkActItem.id, BulkActItem.dossier_id)
        .where(BulkActItem.bulk_act_id == bulk_act_id, BulkActItem.state == WAITING)
        .order_by(BulkActItem.position)
        .limit(limit)
    )
    return [(item_id, dossier_id) for item_id, dossier_id in rows]


def _require_offered(actor: Actor, act: str) -> None:
    if act not in offered(actor):
        raise NotAllowed(
            f"Expected an act among {', '.join(offered(actor)) or 'none'} but {actor.name} asked"
            f" for {act!r}. Choose one of them."
        )


def _forget_unconfirmed(session: Session, person_id: int, before: datetime) -> None:
    old = (
        BulkAct.person_id == person_id,
        BulkAct.confirmed_at.is_(None),
        BulkAct.created_at < before,
    )
    forgotten = select(BulkAct.id).where(*old)
    session.execute(delete(BulkActItem).where(BulkActItem.bulk_act_id.in_(forgotten)))
    session.execute(delete(BulkAct).where(*old))
