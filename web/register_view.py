"""The register as pages and downloads read it: the day asked for, the states, the rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from workflow.business_days import FIRST_YEAR
from workflow.clock import PARIS, paris_date, paris_midnight
from workflow.domain.register import RegisterEntry
from workflow.errors import InvalidInput

COLUMNS = (
    "number",
    "dsr",
    "service_name",
    "service_version",
    "company_name",
    "profiles",
    "listed_on",
    "status",
)
_TYPED = ("service_name", "service_version", "company_name")
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AsOf:
    """A state of the register: at the end of a past day, or now when no day is asked for."""

    day: date
    at: datetime
    is_now: bool


_FRENCH_DAY = re.compile(r"(\d\d)/(\d\d)/(\d{4})", re.ASCII)


def as_of(text: str, present: datetime) -> AsOf:
    """The state that `?au=2022-12-01` asks for; raises InvalidInput on what is no past day.

    People type 01/12/2022; a browser's own date field would speak the browser's language.
    """
    today = paris_date(present)
    if not text:
        return AsOf(today, present, True)
    written = _FRENCH_DAY.fullmatch(text.strip())
    try:
        day = date.fromisoformat("{2}-{1}-{0}".format(*written.groups()) if written else text)
    except ValueError:
        day = None
    if day is None or day.year < FIRST_YEAR or day > today:
        raise InvalidInput(
            f"Expected a day up to today but found {text[:20]!r}. Write it as 2022-12-01."
        )
    if day == today:
        return AsOf(today, present, True)
    return AsOf(day, paris_midnight(day + timedelta(days=1)) - _INSTANT, False)


def as_of_text(state: AsOf) -> str:
    """The instant of a state in Paris, to the second."""
    return state.at.astimezone(UTC).astimezone(PARIS).isoformat(timespec="seconds")


def rows(entries: Sequence[RegisterEntry]) -> list[dict[str, Any]]:
    """Entries as documents."""
    return [
        {name: getattr(entry, name) for name in COLUMNS}
        | {"profiles": list(entry.profiles), "listed_on": entry.listed_on.isoformat()}
        for entry in entries
    ]


def as_csv(entries: Sequence[RegisterEntry]) -> str:
    """The register as French spreadsheets read it: UTF-8 with its mark, semicolons."""
    text = io.StringIO()
    writer: csv.DictWriter[str] = csv.DictWriter(
        text, COLUMNS, delimiter=";", lineterminator="\r\n"
    )
    writer.writeheader()
    for row in rows(entries):
        writer.writerow({**row, "profiles": " ".join(row["profiles"])} | _inert(row))
    return "\ufeff" + text.getvalue()


def _inert(row: dict[str, Any]) -> dict[str, str]:
    # A spreadsheet takes a cell that begins like this for a formula.
    return {name: f"'{row[name]}" for name in _TYPED if row[name].startswith(("=", "+", "-", "@"))}
