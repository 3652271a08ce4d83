"""The demo's clock: starts at one instant, runs at real speed, is stored, only moves forward."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.clock import PARIS, Clock, DemoClock, in_utc
from workflow.db import Base, Database, Instant
from workflow.errors import InvalidInput

DEMO_STARTS_AT = datetime(2022, 10, 3, 9, 0, tzinfo=PARIS)
_ONLY_ROW = 1


class DemoClockRow(Base):
    """When the demo started, by the system and by its own clock, and what it was advanced."""

    __tablename__ = "demo_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at_system: Mapped[datetime] = mapped_column(Instant)
    started_at_demo: Mapped[datetime] = mapped_column(Instant)
    advanced_seconds: Mapped[float]


class StoredDemoClock:
    """A clock shared by every process of one demo, through its database."""

    def __init__(self, database: Database, system: Clock) -> None:
        """The clock of a demo that was started; `system` measures its speed."""
        self._database = database
        self._system = system

    @classmethod
    def started(
        cls, database: Database, system: Clock, at: datetime = DEMO_STARTS_AT
    ) -> StoredDemoClock:
        """Start the demo's clock at `at`, or find it again where it was."""
        with database.transaction() as session:
            if session.get(DemoClockRow, _ONLY_ROW) is None:
                session.add(
                    DemoClockRow(
                        id=_ONLY_ROW,
                        started_at_system=system.now(),
                        started_at_demo=at,
                        advanced_seconds=0.0,
                    )
                )
        return cls(database, system)

    def now(self) -> datetime:
        """The present instant of the demo, in UTC."""
        with self._database.reading() as session:
            return self._clock(_row(session)).now()

    def advance_to(self, instant: datetime) -> None:
        """Move forward to `instant`; raises InvalidInput when that is past already."""
        target = in_utc(instant)
        with self._database.transaction() as session:
            row = _row(session)
            present = self._clock(row).now()
            if target < present:
                raise InvalidInput(
                    f"Expected an instant at or after {present.isoformat()} but found"
                    f" {target.isoformat()}. Time only moves forward: give a later instant."
                )
            row.advanced_seconds += (target - present).total_seconds()

    def _clock(self, row: DemoClockRow) -> DemoClock:
        return DemoClock(
            row.started_at_system,
            row.started_at_demo,
            timedelta(seconds=row.advanced_seconds),
            self._system,
        )


def _row(session: Session) -> DemoClockRow:
    row = session.get(DemoClockRow, _ONLY_ROW)
    if row is None:
        raise InvalidInput("Expected a demo that was started but found none. Start it.")
    return row
