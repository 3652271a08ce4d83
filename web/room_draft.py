"""What the college's room reads and writes in the draft of the session's task.

The draft is the answer of the form `hold_session` as typed so far: who is present, and one row
for each dossier. The room changes one row, or who is present, and leaves the rest as it stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.domain.agenda import OUTCOMES

Answer = Mapping[str, Any]
ATTENDANCE, PARTNERS, DECISIONS, DOSSIER = "attendance", "partners", "decisions", "dossier"
RECUSED, NO_CONFLICT = "recused", "no_conflict"
ASIDE = "~aside"
RESERVATIONS = "reservations"


@dataclass(frozen=True)
class Noted:
    """What is typed on one dossier; `outcome` is empty while nothing is proposed."""

    outcome: str
    reasons: str
    reservations: list[dict[str, str]]
    recused: list[str]
    no_conflict: list[str]


def present_of(answer: Answer) -> list[str]:
    """Who is present, as typed."""
    return names(answer.get(ATTENDANCE))


def partners_of(answer: Answer) -> list[dict[str, str]]:
    """The invited partners who are present."""
    return [
        {"organisation": _text(row.get("organisation")), "name": _text(row.get("name"))}
        for row in _rows(answer.get(PARTNERS))
        if _text(row.get("name")) or _text(row.get("organisation"))
    ]


def row_of(answer: Answer, number: str) -> dict[str, Any]:
    """The row of a dossier as it was typed; only its number when nothing was."""
    for row in _rows(answer.get(DECISIONS)):
        if _text(row.get(DOSSIER)) == number:
            return _back(row)
    return {DOSSIER: number}


def noted(row: Answer) -> Noted:
    """A row as it is read; reservations nobody wrote anything in are left out."""
    outcome = _text(row.get("outcome"))
    made = [
        {key: _text(each.get(key)) for key in ("requirement", "nature", "text")}
        for each in _rows(row.get(RESERVATIONS))
    ]
    return Noted(
        outcome=outcome if outcome in OUTCOMES else "",
        reasons=_text(row.get("reasons")),
        reservations=[each for each in made if any(each.values())] if outcome != "award" else [],
        recused=names(row.get(RECUSED)),
        no_conflict=names(row.get(NO_CONFLICT)),
    )


def told(answer: Answer) -> list[dict[str, Any]]:
    """The rows as the minutes would read them."""
    found: list[dict[str, Any]] = []
    for row in _rows(answer.get(DECISIONS)):
        read = noted(row)
        found.append(
            {
                DOSSIER: _text(row.get(DOSSIER)),
                "outcome": read.outcome,
                "reasons": read.reasons,
                RESERVATIONS: read.reservations,
                RECUSED: read.recused,
                NO_CONFLICT: read.no_conflict,
            }
        )
    return found


def with_row(answer: Answer, numbers: Iterable[str], changed: Answer) -> dict[str, Any]:
    """The draft with one row changed, see `tidy`."""
    rows = [row for row in _rows(answer.get(DECISIONS)) if row.get(DOSSIER) != changed[DOSSIER]]
    own = {**row_of(answer, _text(changed[DOSSIER])), **changed}
    return tidy({**answer, DECISIONS: [*rows, own]}, numbers)


def tidy(answer: Answer, numbers: Iterable[str]) -> dict[str, Any]:
    """The draft with one row for each dossier of the agenda, in that order.

    What was typed on a dossier that left the agenda is set aside, where it decides nothing and
    stands in nobody's way; it is found again should the dossier come back.
    """
    ready = list(numbers)
    kept = {_text(row.get(DOSSIER)): _back(row) for row in _rows(answer.get(DECISIONS))}
    gone = [each for each in kept if each not in ready]
    rows = [kept.get(each, {DOSSIER: each}) for each in ready]
    aside = [{DOSSIER: each, ASIDE: kept[each]} for each in gone if len(kept[each]) > 1]
    return {**answer, DECISIONS: [*rows, *aside]}


def with_present(
    answer: Answer, numbers: Iterable[str], present: Iterable[str], partners: Iterable[Answer]
) -> dict[str, Any]:
    """The draft with another attendance; its decisions stay as they are."""
    found = {ATTENDANCE: lines(present), PARTNERS: [dict(each) for each in partners]}
    return tidy({**answer, **found}, numbers)


def mark_of(row: Answer) -> str:
    """What tells one state of a row from another."""
    written = {key: value for key, value in row.items() if value not in ("", None, [])}
    text = json.dumps(written, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def names(value: Any) -> list[str]:
    """Names given one a line, or as a list; each person once."""
    given = value if isinstance(value, (list, tuple)) else str(value or "").splitlines()
    found: dict[str, str] = {}
    for each in given:
        if written := " ".join(str(each or "").split()):
            found.setdefault(same(written), written)
    return list(found.values())


def lines(given: Iterable[str]) -> str:
    """Names as the form has them typed: one a line."""
    return "\n".join(names(list(given)))


def same(name: str) -> str:
    """What makes two spellings one person: neither capitals nor spaces."""
    return " ".join(name.split()).casefold()


def _back(row: Answer) -> dict[str, Any]:
    """A row as it was before it was set aside, if it was."""
    return {**row[ASIDE], DOSSIER: row[DOSSIER]} if row.get(ASIDE) else dict(row)


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value or () if isinstance(each, Mapping)]


def _text(value: Any) -> str:
    return str(value or "").strip()
