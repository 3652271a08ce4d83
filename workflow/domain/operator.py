"""The operators of secure health mail services who apply (DSR 2.1, 4.1.1). [règle 18]"""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base


class Operator(Base):
    """A company known by its SIRET; its persons see its dossiers and no others."""

    __tablename__ = "operator"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_name: Mapped[str] = mapped_column(String(200))
    siret: Mapped[str] = mapped_column(String(14), unique=True)


def of_siret(session: Session, siret: str) -> Operator | None:
    """The operator of a SIRET, if it is known."""
    return session.scalars(select(Operator).where(Operator.siret == siret)).first()
