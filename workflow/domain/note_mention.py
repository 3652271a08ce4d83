"""Mentions in internal notes: a colleague called by name (``@Name``) is told.

Only people of the Agency are mentioned, and nobody whom a declared conflict of interest or a
recusal keeps off the dossier: they stay out of what is said of it, as stand-ins too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import absence_cover, notification, recusal
from workflow.domain import dossier as dossiers
from workflow.domain.absence_cover import Cover
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.person import OUTSIDERS, Person, PersonRole
from workflow.domain.phrase import Phrase
from workflow.errors import InvalidAnswer

KIND = "mentioned"
"""The kind of the notification."""
MOST_PEOPLE = 300
MOST_MENTIONED = 20
FIELD = "mentioned"
_LONGEST_NAME, _LONGEST_QUOTED = 220, 30
_AT = re.compile(r"(?<!\w)@(?=[^\W\d_])")
_UNKNOWN = Phrase(
    "Cette personne n’est pas de l’ANS, ou son compte est fermé.",
    "This person is not of ANS, or their account is closed.",
)
_TOO_MANY = Phrase(
    f"Une note appelle {MOST_MENTIONED} personnes au plus.",
    f"A note calls {MOST_MENTIONED} people at most.",
)


class NoteMention(Base):
    """A person whom a note mentions; once a note, however often it names them."""

    __tablename__ = "note_mention"
    __table_args__ = (UniqueConstraint("note_id", "person_id"), Index(None, "person_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("internal_note.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone of the Agency, and whether an interest or a recusal keeps them off the dossier."""

    id: int
    name: str
    roles: frozenset[str]
    is_kept_off: bool


def colleagues(session: Session, dossier: Dossier) -> list[Colleague]:
    """The active people of the Agency, by name."""
    off = recusal.kept_off(dossier.id)
    rows = session.execute(
        select(Person.id, Person.name, PersonRole.role, Person.id.in_(off))
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            Person.is_active.is_(True),
            Person.operator_id.is_(None),
            PersonRole.role.not_in(sorted(OUTSIDERS)),
        )
        .order_by(Person.name, Person.id, PersonRole.role)
        .limit(MOST_PEOPLE * 4)
    )
    found: dict[int, Colleague] = {}
    for person_id, name, role, is_off in rows:
        known = found.get(person_id)
        roles = {role} | (known.roles if known else set())
        found[person_id] = Colleague(person_id, name, frozenset(roles), bool(is_off))
    return list(found.values())[:MOST_PEOPLE]


def meant(call: Call, text: str, chosen: Collection[int]) -> list[Colleague]:
    """Whom a text mentions by name, and who was chosen by id; the writer is never meant.

    Raises InvalidAnswer for a name that is nobody's, or two persons', for someone who is not of
    the Agency, and for whoever an interest or a recusal keeps off the dossier.
    """
    if "@" not in text and not chosen:
        return []
    people = colleagues(call.session, dossiers.of(call))
    by_id = {each.id: each for each in people}
    faults: list[str] = [_UNKNOWN for each in chosen if each not in by_id]
    found = {each: by_id[each] for each in chosen if each in by_id}
    for called, candidates in _called(text, people):
        if len(candidates) == 1:
            found[candidates[0].id] = candidates[0]
        elif not any(each.id in found for each in candidates):
            faults.append(_unclear(called, candidates))
    found.pop(call.actor.person_id or 0, None)
    faults += [_barred(each.name) for each in found.values() if each.is_kept_off]
    if len(found) > MOST_MENTIONED:
        faults.append(_TOO_MANY)
    if faults:
        raise InvalidAnswer(
            "Expected colleagues who may read this dossier's notes but found others."
            " Choose them in the list, or take the mention out.",
            {FIELD: faults},
        )
    return sorted(found.values(), key=lambda each: each.name)


def set_people(call: Call, note_id: int, people: Sequence[Colleague]) -> list[str]:
    """Have a note mention these people; those who are new are told. Returns their names."""
    known = set(
        call.session.scalars(select(NoteMention.person_id).where(NoteMention.note_id == note_id))
    )
    gone = known - {each.id for each in people}
    if gone:
        call.session.execute(
            delete(NoteMention).where(
                NoteMention.note_id == note_id, NoteMention.person_id.in_(gone)
            )
        )
    fresh = [each for each in people if each.id not in known]
    dossier_id = dossiers.of(call).id
    for each in fresh:
        call.session.add(
            NoteMention(
                note_id=note_id, dossier_id=dossier_id, person_id=each.id, at=call.effective_at
            )
        )
        notification.notify_person(call, each.id, min(each.roles), KIND, by=call.actor.name)
    return [each.name for each in fresh]


def not_reached(session: Session, note_id: int, at: datetime) -> list[Cover]:
    """Those whom a note mentions in vain: away, with a stand-in who is kept off the dossier."""
    rows = session.execute(
        select(NoteMention.person_id, NoteMention.dossier_id).where(NoteMention.note_id == note_id)
    ).all()
    if not rows:
        return []
    ids = [person_id for person_id, _dossier_id in rows]
    return absence_cover.not_told(session, ids, rows[0].dossier_id, at)


def _called(text: str, people: Sequence[Colleague]) -> list[tuple[str, list[Colleague]]]:
    """What follows each ``@`` that begins a word, and whom it may name.

    A whole name counts before a first name, the longest one before those that begin it.
    """
    called: list[tuple[str, list[Colleague]]] = []
    for found in _AT.finditer(text):
        rest = _folded(text[found.end() : found.end() + _LONGEST_NAME])
        whole = [each for each in people if _begins(rest, each.name)]
        longest = max((len(each.name) for each in whole), default=0)
        meant = [each for each in whole if len(each.name) == longest]
        meant = meant or [each for each in people if _begins(rest, each.name.partition(" ")[0])]
        quoted = text[found.end() : found.end() + _LONGEST_QUOTED].split()[0]
        called.append((quoted, meant))
    return called


def _begins(rest: str, name: str) -> bool:
    known = _folded(name)
    return rest.startswith(known) and not rest[len(known) : len(known) + 1].isalnum()


def _folded(text: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))


def _barred(name: str) -> Phrase:
    return Phrase(
        f"Un conflit d’intérêts ou un déport tient {name} hors de ce dossier : une note ne peut"
        " pas l’y appeler.",
        f"A conflict of interest or a recusal keeps {name} off this dossier: a note cannot call"
        " them to it.",
    )


def _unclear(called: str, candidates: Sequence[Colleague]) -> Phrase:
    if not candidates:
        return Phrase(
            f"« @{called} » n’est le nom de personne à l’ANS. Choisissez un nom dans la liste,"
            " ou retirez l’arobase.",
            f"“@{called}” is nobody's name at ANS. Choose a name in the list, or take the at sign"
            " out.",
        )
    names = ", ".join(each.name for each in candidates[:5])
    return Phrase(
        f"« @{called} » peut désigner plusieurs personnes : {names}. Écrivez le nom entier, ou"
        " choisissez la personne dans la liste.",
        f"“@{called}” may be several people: {names}. Write the whole name, or choose the person"
        " in the list.",
    )
