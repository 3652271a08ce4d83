"""Rows that a page prepares: one for each requirement, each dossier; blank ones say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Answer = dict[str, Any]

# Rows that were prepared and left blank are not part of an answer: nothing was said in them.
_PREPARED_ROWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "instruct_dossier": ("verdicts", ("verdict", "comment")),
    "hold_session": ("decisions", ("outcome", "reasons")),
}


def said(form_key: str, answer: Answer) -> tuple[Answer, dict[str, str]]:
    """The answer without blank prepared rows, and for each row kept where it stood on the page."""
    prepared = _PREPARED_ROWS.get(form_key)
    if prepared is None or not isinstance(answer.get(prepared[0]), list):
        return answer, {}
    name, told = prepared
    kept: list[Any] = []
    places: dict[str, str] = {}
    for index, row in enumerate(answer[name]):
        if any(str(row.get(key) or "").strip() for key in told):
            places[f"{name}.{len(kept)}"] = f"{name}.{index}"
            kept.append(row)
    return {**answer, name: kept}, places


def placed(faults: Mapping[str, list[str]], places: Mapping[str, str]) -> dict[str, list[str]]:
    """Faults by key, where rows are named as the page shows them."""
    found: dict[str, list[str]] = {}
    for key, sentences in faults.items():
        name, _dot, rest = key.partition(".")
        index, dot, inner = rest.partition(".")
        row = places.get(f"{name}.{index}")
        found[f"{row}{dot}{inner}" if row else key] = sentences
    return found
