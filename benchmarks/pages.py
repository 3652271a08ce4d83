"""What a page costs at 10,000 dossiers: time on the server, SQL statements, growth.

Every page that opens without anything to fill in is read by each role that may read it, then
measured with the role for which it is slowest. Exits 1 when the 95th percentile of one passes
100 ms, when one takes more than 12 SQL statements, or when ten times as many closed dossiers make a
page slower.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import event, select, update

from benchmarks.population import Population, carried
from web.app import create_app
from web.commands.serve import settle
from web.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD, add_demo_accounts
from workflow.clock import PARIS, VirtualClock
from workflow.db import Database
from workflow.domain import agenda
from workflow.domain.college import CollegeSession
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import FolderStore
from workflow.domain.person import find_by_email
from workflow.domain.requirement import Requirement
from workflow.engine import tables
from workflow.engine.forms import Forms
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import HumanTask
from workflow.scenarios import Procedure
from workflow.settings import Settings

MOST_MILLISECONDS = 100.0
MOST_STATEMENTS = 12
MOST_GROWTH = 1.5
LEAST_GROWN = 10.0
"""Milliseconds below which a page is too quick for its growth to be told from noise."""
SAMPLES = 60
OPEN = {"Contrôle": 250, "File": 500, "Sollicité": 250}
CLOSED_FEW = {"Référencé": 450, "Abandonné": 450}
"""Closed dossiers of the smaller population: its lists are as full as those of the larger one."""
CLOSED = {"Référencé": 4_050, "Abandonné": 4_050}
FILES = (".zip", "/export", "/consultations.csv")
"""Downloads of a whole, no pages: as long as what they hold."""
OWN = 20
"""Dossiers given to the demo's operator."""
UNMEASURED = ("/static", "/langue", "/api/v1/openapi.json", "/diagrammes/", "/metrics", *FILES)


@dataclass(frozen=True)
class Cost:
    """What one page took for one person; times in milliseconds."""

    statements: int
    median: float
    high: float


@dataclass
class Site:
    """The product on one database, with everybody of the demo signed in."""

    runtime: Runtime
    app: Flask
    people: dict[str, FlaskClient]

    @classmethod
    def opened(cls, folder: Path, name: str) -> Site:
        """On the folder's database of that name; its people must be there."""
        runtime = _runtime(folder, name)
        app = create_app(runtime, demo=False)
        app.config["RATELIMIT_ENABLED"] = False
        people = {account.email: _signed_in(app, account.email) for account in DEMO_ACCOUNTS}
        return cls(runtime, app, people)

    def reads(self, address: str, email: str) -> bool:
        """Whether this person may read the page."""
        return self.people[email].get(address).status_code == 200

    def time(self, address: str, email: str) -> float:
        """Milliseconds of one request."""
        start = time.perf_counter()
        self.people[email].get(address).get_data()
        return (time.perf_counter() - start) * 1000


def main() -> int:
    """Generate, measure, print; 1 beyond a limit."""
    folder = Path(tempfile.mkdtemp(prefix="jalon-pages-"))
    with Progress(transient=True) as progress:
        _generate(folder, progress)
        few, many = Site.opened(folder, "few"), Site.opened(folder, "many")
        measured: dict[tuple[str, str], tuple[Cost, Cost]] = {}
        addresses = sorted(addresses_of(few.app, few.runtime))
        settle()
        work = progress.add_task("  reading pages", total=len(addresses))
        for address in addresses:
            email = _slowest(many, address)
            if email is not None:
                measured[address, email] = _compared(few, many, address, email)
            progress.advance(work)
    shutil.rmtree(folder)
    return _told(measured)


def _generate(folder: Path, progress: Progress) -> None:
    """Two databases: one with a tenth of the closed dossiers, and the same with all of them."""
    runtime = _runtime(folder, "few")
    tables.METADATA.create_all(runtime.database.engine)
    population = carried(runtime, Procedure.load(runtime.settings))
    with runtime.database.transaction() as session:
        add_demo_accounts(session, runtime.clock.now())
    _add(population, OPEN, progress)
    _give_some(runtime)
    _add(population, CLOSED_FEW, progress)
    runtime.database.close()
    shutil.copy(folder / "few.sqlite3", folder / "many.sqlite3")
    population.runtime = _runtime(folder, "many")
    _add(population, CLOSED, progress)
    population.runtime.database.close()


def _runtime(folder: Path, name: str) -> Runtime:
    address = f"sqlite:///{folder / name}.sqlite3"
    settings = Settings(secret_key="a benchmark", database_url=address)
    clock = VirtualClock(datetime(2022, 10, 3, 8, tzinfo=PARIS))
    forms = Forms.load(settings.forms_folder)
    return Runtime(Database(address), clock, forms, FolderStore(folder / "files"), settings)


def _add(population: Population, wanted: dict[str, int], progress: Progress) -> None:
    for name, count in wanted.items():
        with population.runtime.database.transaction() as session:
            population.copy(session, name, count, progress)


def _give_some(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        person = find_by_email(session, "operateur@alize.example")
        assert person is not None
        newest = select(Dossier.id).order_by(Dossier.id.desc()).limit(OWN)
        ids = session.scalars(newest).all()
        owned = {"operator_id": person.operator_id}
        session.execute(update(Dossier).where(Dossier.id.in_(ids)).values(owned))
        session.execute(update(HumanTask).where(HumanTask.dossier_id.in_(ids)).values(owned))


def _signed_in(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    page = client.get("/connexion").text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = client.post(
        "/connexion", data={"csrf_token": token, "email": email, "password": DEMO_PASSWORD}
    )
    assert answer.status_code in (302, 303), (email, answer.status_code)
    return client


def _slowest(site: Site, address: str) -> str | None:
    """The person for whom a page takes longest; None when nobody reads it."""
    readers = [email for email in site.people if site.reads(address, email)]
    return max(readers, key=lambda email: site.time(address, email), default=None)


def _compared(few: Site, many: Site, address: str, email: str) -> tuple[Cost, Cost]:
    """The page on both databases, by turns, so that a busy machine slows both alike."""
    times: tuple[list[float], list[float]] = ([], [])
    with _counted(few.runtime) as of_few, _counted(many.runtime) as of_many:
        for _ in range(SAMPLES):
            times[0].append(few.time(address, email))
            times[1].append(many.time(address, email))
    return _cost(times[0], len(of_few)), _cost(times[1], len(of_many))


def _cost(times: list[float], statements: int) -> Cost:
    high = statistics.quantiles(times, n=20)[-1]
    return Cost(round(statements / len(times)), statistics.median(times), high)


def addresses_of(app: Flask, runtime: Runtime) -> Iterator[str]:
    """Every page to read that needs no more than a dossier (under way, or listed) or a task."""
    with runtime.database.reading() as session:
        numbers = [
            session.scalars(
                select(Dossier.number).where(condition).order_by(Dossier.id.desc()).limit(1)
            ).one()
            for condition in (Dossier.ended_at.is_(None), Dossier.end == "listed")
        ]
        tasks = session.scalars(
            select(HumanTask.id)
            .where(HumanTask.closed_at.is_(None))
            .order_by(HumanTask.element_id, HumanTask.id)
            .limit(1)
        ).all()
        reviewed = session.execute(
            select(Dossier.number, Requirement.code)
            .join(Requirement, Requirement.catalogue_version_id == Dossier.catalogue_version_id)
            .where(Dossier.complete_received_at.is_not(None), Dossier.ended_at.is_(None))
            .order_by(Dossier.id.desc(), Requirement.position)
            .limit(1)
        ).all()
        sitting = session.scalars(
            select(CollegeSession)
            .where(CollegeSession.held_at.is_(None))
            .order_by(CollegeSession.id.desc())
            .limit(1)
        ).all()
        points = [
            {"session_id": each.id, "number": found.number}
            for each in sitting
            for found in agenda.ready(session, each.campaign_id)[:1]
        ]
    given: dict[str, list[Any]] = {
        "number": list(numbers),
        "task_id": list(tasks),
        "session_id": [each.id for each in sitting],
        "process_id": ["instruction_solicitation"],
    }
    adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or any(part in rule.rule for part in UNMEASURED):
            continue
        if not rule.arguments:
            yield adapter.build(rule.endpoint)
        elif len(rule.arguments) == 1 and (name := next(iter(rule.arguments))) in given:
            own = f"<{name}>" in rule.rule or name == "session_id"
            for value in given[name] if own else [1]:
                yield adapter.build(rule.endpoint, {name: value})
    for number, code in reviewed:
        yield adapter.build("proof_review.show", {"number": number, "code": code})
    for point in points:
        yield adapter.build("college_room.show", point)


@contextmanager
def _counted(runtime: Runtime) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    event.listen(runtime.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(runtime.database.engine, "before_cursor_execute", note)


def _told(measured: dict[tuple[str, str], tuple[Cost, Cost]]) -> int:
    table = Table("page", "read by", "SQL", "median ms", "p95 ms", "growth", "beyond")
    failed = 0
    for (address, email), (few, many) in sorted(
        measured.items(), key=lambda each: -each[1][1].high
    ):
        growth = many.median / few.median
        faults = {
            "time": many.high > MOST_MILLISECONDS,
            "statements": many.statements > MOST_STATEMENTS,
            "growth": many.statements > few.statements
            or (growth > MOST_GROWTH and many.median > LEAST_GROWN),
        }
        beyond = ", ".join(name for name, is_so in faults.items() if is_so)
        failed += bool(beyond)
        times = f"{many.median:.1f}", f"{many.high:.1f}", f"{growth:.2f}"
        reader = email.partition("@")[0]
        table.add_row(address, reader, str(many.statements), *times, beyond)
    console = Console(width=120)
    console.print(table)
    total = sum(sum(each.values()) for each in (OPEN, CLOSED_FEW, CLOSED))
    console.print(f"{total} dossiers, {len(measured)} pages, {failed} beyond a limit")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
