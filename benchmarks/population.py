"""Thousands of dossiers, copied row by row from a few that the real procedure has carried."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.progress import Progress
from sqlalchemy import Column, String, Table, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Session

from workflow.audit_log import chain_of
from workflow.clock import VirtualClock
from workflow.domain.person import SYSTEM
from workflow.engine import campaigns, tables, timers
from workflow.engine.diagrams import put_in_force
from workflow.engine.runtime import Runtime
from workflow.scenarios import Procedure, acts, read

CAMPAIGN = "dsr-ope-mss-2022"
BATCH = 100
OPAQUE = 30
"""From this length on, a name says nothing to people: its copy is another one like it."""
_CHAIN = chain_of(0).replace("0", "[0-9]+")
_REFERENCES = {"deadline_id": "deadline_record", "instance_id": "instance"}
"""Columns that name a row of another table without a foreign key."""
STORY = Path(__file__).with_suffix(".yaml")


@dataclass
class Population:
    """The dossiers that were carried, and the copies made of each."""

    runtime: Runtime
    templates: dict[str, int]
    _next: dict[str, int] = field(default_factory=dict[str, int])

    def copy(self, session: Session, name: str, count: int, progress: Progress) -> None:
        """Add `count` copies of a dossier that was carried."""
        rows = _rows_of(session, self.templates[name])
        for table in rows:
            self._first_id(session, table)
        work = progress.add_task(f"  {count} × {name}", total=count)
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            self._insert(session, rows, size)
            progress.advance(work, size)

    def _insert(self, session: Session, rows: dict[Table, list[dict[str, Any]]], size: int) -> None:
        batches: dict[Table, list[dict[str, Any]]] = defaultdict(list)
        for _ in range(size):
            for table, copied in self._copied(rows):
                batches[table].extend(copied)
        for table in rows:
            session.execute(insert(table), batches[table])

    def _copied(
        self, rows: dict[Table, list[dict[str, Any]]]
    ) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
        serial = self._next["~"] = self._next.get("~", 0) + 1
        named: dict[tuple[str, str, Any], Any] = {}
        for table, originals in rows.items():
            copies: list[dict[str, Any]] = []
            for original in originals:
                copy = dict(original)
                for column in table.columns:
                    copy[column.name] = self._value(table, column, original, serial, named)
                copies.append(copy)
            yield table, copies

    def _value(
        self,
        table: Table,
        column: Column[Any],
        original: dict[str, Any],
        serial: int,
        named: dict[tuple[str, str, Any], Any],
    ) -> Any:
        value = original[column.name]
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch(_CHAIN, value):
            return chain_of(named["dossier", "id", int(value.rpartition(":")[2])])
        for target, key in _targets(column):
            if (target, key, value) in named:
                return named[target, key, value]
        if _is_own_number(table, column):
            self._next[table.name] += 1
            named[table.name, column.name, value] = self._next[table.name]
        elif _is_own_name(table, column):
            named[table.name, column.name, value] = _renamed(value, serial)
        else:
            return value
        return named[table.name, column.name, value]

    def _first_id(self, session: Session, table: Table) -> None:
        if "id" in table.columns:
            highest = session.scalar(select(func.max(table.columns["id"])))
            self._next[table.name] = highest if isinstance(highest, int) else 0


def carried(runtime: Runtime, procedure: Procedure) -> Population:
    """Deploy the procedure and carry one dossier to each of the points that are copied."""
    put_in_force(runtime, procedure.files, SYSTEM)
    campaign = campaigns.deploy(runtime, *procedure.campaign(CAMPAIGN), SYSTEM)
    clock = runtime.clock
    assert isinstance(clock, VirtualClock)
    stage = acts.Stage(runtime, clock.move_to, campaign, procedure.diagrams, ())
    for step in read(STORY).steps:
        stage.pass_time(step.at)
        timers.fire_due(runtime, clock.now())
        if step.act:
            acts.carry_out(stage, step)
    return Population(runtime, dict(stage.dossiers))


def _rows_of(session: Session, dossier_id: int) -> dict[Table, list[dict[str, Any]]]:
    """The rows that are of a dossier alone, by table, parents first."""
    found: dict[Table, list[dict[str, Any]]] = {}
    # What names its dossier by a chain comes after the dossier.
    for table in sorted(tables.METADATA.sorted_tables, key=lambda each: "chain" in each.columns):
        conditions = list(_belongs(table, found, dossier_id))
        for condition in conditions[:1]:
            rows = session.execute(select(table).where(condition)).mappings().all()
            if rows:
                found[table] = [dict(row) for row in rows]
    return found


def _belongs(
    table: Table, found: dict[Table, list[dict[str, Any]]], dossier_id: int
) -> Iterator[Any]:
    if table.name == "dossier":
        yield table.columns["id"] == dossier_id
    elif "chain" in table.columns:
        yield table.columns["chain"] == chain_of(dossier_id)
    elif "dossier_id" in table.columns:
        yield table.columns["dossier_id"] == dossier_id
    else:
        for column in table.columns:
            for key in column.foreign_keys:
                parents = found.get(key.column.table)
                if parents:
                    yield column.in_([row[key.column.name] for row in parents])


def _targets(column: Column[Any]) -> Iterable[tuple[str, str]]:
    found = [(key.column.table.name, key.column.name) for key in column.foreign_keys]
    if not found and column.name in _REFERENCES:
        found = [(_REFERENCES[column.name], "id")]
    return found


def _is_own_number(table: Table, column: Column[Any]) -> bool:
    return column.name == "id" and not isinstance(column.type, String)


def _is_own_name(table: Table, column: Column[Any]) -> bool:
    """Whether a text must be different in each row."""
    if not isinstance(column.type, String) or column.foreign_keys or column.name == "chain":
        return False
    alone: Sequence[UniqueConstraint] = [
        each
        for each in table.constraints
        if isinstance(each, UniqueConstraint) and list(each.columns) == [column]
    ]
    indexed = any(each.unique and list(each.columns) == [column] for each in table.indexes)
    only_key = column.primary_key and len(table.primary_key.columns) == 1
    return bool(column.unique or alone or indexed or only_key)


def _renamed(value: str, serial: int) -> str:
    if len(value) < OPAQUE:
        return f"{value}~{serial}"
    return hashlib.sha256(f"{value}~{serial}".encode()).hexdigest()[:OPAQUE]
