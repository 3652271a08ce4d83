"""One requirement's row in the draft of the instruction, written without touching the others.

Nothing is judged here: a row waits in the task's draft, with the others, until the instruction is
saved. Two pages that write different requirements do not disturb each other; on the same one, the
second is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.domain.instruction import VERDICTS
from workflow.domain.person import Actor
from workflow.engine import drafts
from workflow.engine.drafts import Draft, StaleDraft
from workflow.engine.runtime import Runtime

ROWS, QUESTIONS, OUTCOME, SOLICIT = "verdicts", "questions", "outcome", "solicit"
_TRIES = 5


@dataclass(frozen=True)
class Row:
    """What is said of one requirement: a verdict ("" without one) and its reason."""

    verdict: str = ""
    comment: str = ""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Row:
        """The row as a draft or a form keeps it."""
        verdict = str(row.get("verdict") or "")
        comment = str(row.get("comment") or "").replace("\r\n", "\n")
        return cls(verdict if verdict in VERDICTS else "", comment)


class RowChanged(Exception):
    """Another page said something else of this requirement meanwhile; `newer` is what."""

    def __init__(self, newer: Row, draft: Draft) -> None:
        super().__init__("Expected the row as it was shown but another one was saved. Read it.")
        self.newer = newer
        self.draft = draft


def row_of(draft: Draft | None, code: str) -> Row | None:
    """What a draft says of a requirement; None when it says nothing."""
    rows = draft.answer.get(ROWS) if draft is not None else None
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping) and row.get("requirement") == code:
            return Row.read(row)
    return None


def questions_of(draft: Draft | None) -> list[str]:
    """The questions to the operator that a draft prepares, one for each line."""
    said = draft.answer.get(QUESTIONS) if draft is not None else None
    lines = said if isinstance(said, list) else str(said or "").splitlines()
    return [str(line) for line in lines if str(line).strip()]


def keep(
    runtime: Runtime,
    actor: Actor,
    task_id: str,
    code: str,
    row: Row,
    shown: Row,
    question: str = "",
) -> Draft:
    """Write a requirement's row, where the page had `shown` another; add a `question`, if any.

    Raises RowChanged when the draft says neither by now, and what `drafts.save` raises.
    """
    for tried in range(_TRIES):
        with runtime.database.reading() as session:
            draft = drafts.find(session, task_id)
        said = row_of(draft, code)
        if draft is not None and said is not None and said not in (shown, row):
            raise RowChanged(said, draft)
        try:
            return drafts.save(
                runtime,
                task_id,
                _with_row(draft, code, row) | _with_question(draft, question),
                actor,
                revision=0 if draft is None else draft.revision,
            )
        except StaleDraft:
            if tried == _TRIES - 1:
                raise
    raise AssertionError  # pragma: no cover - the last try returns or raises


def _with_question(draft: Draft | None, question: str) -> dict[str, Any]:
    prepared = questions_of(draft)
    if not question or question in prepared:
        return {}
    # The form shows its questions once they are what it concludes with; it is chosen there.
    outcome = (draft.answer.get(OUTCOME) if draft is not None else None) or SOLICIT
    return {QUESTIONS: "\n".join([*prepared, question]), OUTCOME: outcome}


def _with_row(draft: Draft | None, code: str, row: Row) -> dict[str, Any]:
    answer = dict(draft.answer) if draft is not None else {}
    rows = [dict(each) for each in answer.get(ROWS) or () if isinstance(each, Mapping)]
    written = {"requirement": code, "verdict": row.verdict, "comment": row.comment}
    at = next((n for n, each in enumerate(rows) if each.get("requirement") == code), len(rows))
    rows[at : at + 1] = [written]
    return {**answer, ROWS: rows}
