"""Counters that never give the same number twice, one row each."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base


class Counter(Base):
    """The last number given in a series, such as the dossiers of a year."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[int]


def next_value(session: Session, name: str) -> int:
    """The next number of a series, from 1.

    The row stays locked until the transaction ends, so that two doors never share a number,
    and a transaction that is undone gives its number back.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgresql else sqlite.insert
    statement = (
        insert(Counter)
        .values(name=name, value=1)
        .on_conflict_do_update(index_elements=[Counter.name], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return session.execute(statement).scalar_one()
