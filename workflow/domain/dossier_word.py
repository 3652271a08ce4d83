"""Words by which dossiers are found as one types: number, company, service, SIRET, people.

A word is kept in small letters without accents; what is typed finds the words that begin so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, delete, false, select
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor

LONGEST_WORD = 40
MOST_WORDS = 60
MOST_TYPED = 5
SHORTEST_TYPED = 2
MOST_FOUND = 20
_LAST = "\uffff"
# Words are compared byte by byte: a language's own order would put accents and marks elsewhere.
_WORD = String(LONGEST_WORD).with_variant(VARCHAR(LONGEST_WORD, collation="C"), "postgresql")
_FACTS = (
    "number",
    "company_name",
    "siret",
    "service_name",
    "legal_representative_name",
    "contact_name",
)


class DossierWord(Base):
    """One word that finds one dossier."""

    __tablename__ = "dossier_word"
    __table_args__ = (Index(None, "dossier_id"),)

    word: Mapped[str] = mapped_column(_WORD, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)


def words_of(text: str) -> list[str]:
    """The words of a text as they are kept: *Alizé Santé* gives *alize*, *sante*."""
    plain = text
    for _ in range(2):  # Small letters may come out of a decomposition, and the reverse.
        plain = unicodedata.normalize("NFKD", plain.casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    found = re.findall(r"[^\W_]+", letters)
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in found))


def learn(session: Session, dossier: Dossier) -> None:
    """Keep the words of a new dossier."""
    words = dict.fromkeys(
        word for name in _FACTS for word in words_of(str(getattr(dossier, name) or ""))
    )
    # People type a number as it is written, in one piece.
    words[re.sub(r"\W", "", dossier.number).casefold()] = None
    session.add_all(
        DossierWord(word=word, dossier_id=dossier.id) for word in list(words)[:MOST_WORDS]
    )


def learn_again(session: Session, dossier: Dossier) -> None:
    """Keep the words of a dossier whose facts were corrected, instead of those it had."""
    session.execute(delete(DossierWord).where(DossierWord.dossier_id == dossier.id))
    learn(session, dossier)


def found_by(typed: str) -> ColumnElement[bool]:
    """The condition that a dossier has words beginning with each word that is typed.

    Less than two letters find nothing.
    """
    words = words_of(typed)[:MOST_TYPED]
    if not any(len(word) >= SHORTEST_TYPED for word in words):
        return false()
    return and_(*(_begins(word) for word in words))


def search(
    session: Session, actor: Actor, typed: str, *, limit: int = MOST_FOUND
) -> Sequence[Dossier]:
    """The dossiers that this actor may read and every typed word finds, newest first.

    Invited partners do not search: what they may read is on their session's page.
    """
    if not actor.is_agency and actor.operator_id is None:
        return []
    query = select(Dossier).where(found_by(typed)).order_by(Dossier.id.desc()).limit(limit)
    if not actor.is_agency:
        query = query.where(Dossier.operator_id == actor.operator_id)
    return session.scalars(query).all()


def _begins(word: str) -> ColumnElement[bool]:
    named = DossierWord.word.between(word, word + _LAST)
    return Dossier.id.in_(select(DossierWord.dossier_id).where(named))
