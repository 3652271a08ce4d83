"""What a campaign says instead of the built-in texts of notifications, in French and English.

A text is data: `{name}` stands for a fact, and nothing in it is ever evaluated. A template keeps
the facts that the law wants told: a solicitation without its questions is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain.notification_duty import duty_of
from workflow.domain.notification_texts import TEXTS, typeset
from workflow.domain.notification_texts_en import TEXTS_EN
from workflow.errors import InvalidAnswer, NotFound

LANGUAGES = ("fr", "en")
COMMON = ("number", "service", "company")
"""The facts that every text may use."""
LONGEST_SUBJECT = 200
LONGEST_FILLED_SUBJECT = 300
LONGEST_BODY = 10_000
_PLACE = re.compile(r"\{([^{}]*)\}")


class NotificationTemplate(Base):
    """One campaign's own text of one kind of notification in one language."""

    __tablename__ = "notification_template"
    __table_args__ = (UniqueConstraint("campaign_id", "kind", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    body: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


@dataclass(frozen=True, slots=True)
class Wording:
    """A subject and a body, with places for facts."""

    subject: str
    body: str

    def followed(self, sentence: str) -> Wording:
        """With one more paragraph."""
        return Wording(self.subject, f"{self.body}\n{sentence}")

    @property
    def mark(self) -> str:
        """Tells this wording from another, in few letters."""
        return hashlib.sha256(f"{self.subject}\n{self.body}".encode()).hexdigest()[:16]

    def filled(self, facts: Mapping[str, str]) -> Wording:
        """With the facts in their places; a fact is never read as a text. The subject is a line."""
        return Wording(
            re.sub(r"[\r\n\t]+", " ", _filled(self.subject, facts))[:LONGEST_FILLED_SUBJECT],
            _filled(self.body, facts).strip(),
        )


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: facts[place[1]], text)


def built_in(kind: str, language: str) -> Wording | None:
    """The product's own text; None when a kind has no English. Raises NotFound."""
    if kind not in TEXTS or language not in LANGUAGES:
        raise NotFound(f"Expected a kind of notification but {kind!r} is none. Check its name.")
    if language == "fr":
        return Wording(*(typeset(text) for text in TEXTS[kind]))
    return Wording(*TEXTS_EN[kind]) if kind in TEXTS_EN else None


def wordings(session: Session, campaign_id: str, kind: str) -> dict[str, Wording]:
    """The texts in force of a kind, by language: the campaign's own, else the built-in ones."""
    found = {language: built_in(kind, language) for language in LANGUAGES}
    for own in session.scalars(
        select(NotificationTemplate).where(
            NotificationTemplate.campaign_id == campaign_id, NotificationTemplate.kind == kind
        )
    ):
        found[own.language] = Wording(own.subject, own.body)
    return {language: wording for language, wording in found.items() if wording is not None}


def own_kinds(session: Session, campaign_id: str) -> set[tuple[str, str]]:
    """The (kind, language) that a campaign words itself."""
    rows = session.execute(
        select(NotificationTemplate.kind, NotificationTemplate.language).where(
            NotificationTemplate.campaign_id == campaign_id
        )
    )
    return {(kind, language) for kind, language in rows}


def places(kind: str) -> list[str]:
    """The facts that texts of a kind may use, the kind's own first."""
    french = built_in(kind, "fr")
    assert french is not None
    asked = dict.fromkeys(_PLACE.findall(french.body) + _PLACE.findall(french.subject))
    return [*(name for name in asked if name not in COMMON), *COMMON]


def required_places(kind: str) -> list[str]:
    """The facts that a text must not leave out: what the law wants told."""
    return [name for name in places(kind) if name not in COMMON] if duty_of(kind).is_due else []


def change(
    session: Session,
    campaign_id: str,
    kind: str,
    language: str,
    wording: Wording,
    *,
    at: datetime,
    by: int | None,
) -> Wording:
    """Put a campaign's own text in force; returns it. Raises NotFound, InvalidAnswer."""
    kept = checked(kind, language, wording)
    own = _own(session, campaign_id, kind, language)
    if own is None:
        own = NotificationTemplate(campaign_id=campaign_id, kind=kind, language=language)
        session.add(own)
    own.subject, own.body, own.changed_at, own.changed_by = kept.subject, kept.body, at, by
    return kept


def reset(session: Session, campaign_id: str, kind: str, language: str) -> bool:
    """Go back to the built-in text; False when it is in force already. Raises NotFound."""
    built_in(kind, language)
    own = _own(session, campaign_id, kind, language)
    if own is not None:
        session.delete(own)
    return own is not None


def checked(kind: str, language: str, wording: Wording) -> Wording:
    """The text as it is kept; raises InvalidAnswer with every fault by field, and NotFound."""
    built_in(kind, language)
    subject = wording.subject.strip()
    body = wording.body.replace("\r\n", "\n").strip()
    faults = {
        "subject": _faults(subject, kind, LONGEST_SUBJECT)
        + (["L’objet tient sur une ligne."] if "\n" in subject or "\r" in subject else []),
        "body": _faults(body, kind, LONGEST_BODY)
        + [
            f"Le texte doit garder {{{name}}}\u00a0: c’est ce que la notification doit apprendre."
            for name in required_places(kind)
            if name not in _PLACE.findall(body)
        ],
    }
    if any(faults.values()):
        found = "; ".join(sentence for each in faults.values() for sentence in each)
        raise InvalidAnswer(
            f"Expected a text with the places {places(kind)} but: {found} Correct the text.",
            {field: sentences for field, sentences in faults.items() if sentences},
        )
    return Wording(subject, body)


def _faults(text: str, kind: str, longest: int) -> list[str]:
    if not 0 < len(text) <= longest:
        return [f"Écrivez de 1 à {longest} caractères."]
    faults = [
        f"{{{name}}} n’est pas un fait de cette notification. Choisissez parmi"
        f" {', '.join('{' + known + '}' for known in places(kind))}."
        for name in dict.fromkeys(_PLACE.findall(text))
        if name not in places(kind)
    ]
    if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
        faults.append("Une accolade est seule. Écrivez les faits ainsi\u00a0: {number}.")
    return faults


def _own(
    session: Session, campaign_id: str, kind: str, language: str
) -> NotificationTemplate | None:
    return session.scalars(
        select(NotificationTemplate).where(
            NotificationTemplate.campaign_id == campaign_id,
            NotificationTemplate.kind == kind,
            NotificationTemplate.language == language,
        )
    ).first()
