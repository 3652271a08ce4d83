"""The SSI questionnaires: answers by dossier and counts, for the SSI officer alone (DSR 4.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, url_for

from api.resources.proofs import NEVER_KEPT
from web.language import _
from web.older_entries import asked_before
from web.procedure_words import in_words
from web.runtime import runtime
from web.signed_in import actor, requires_role
from workflow.domain import ssi
from workflow.engine.forms.component import Component

FORM = "ssi_questionnaire"

part = Blueprint("ssi", __name__)


@dataclass(frozen=True)
class Tally:
    """One question with its options, and how many dossiers gave each."""

    label: str
    counts: list[tuple[str, int]]


@part.get("/ssi")
@requires_role("ssi_officer")
def index() -> Any:
    """Counts per answer, then the dossiers whose questionnaire is filled."""
    before = asked_before()
    with runtime().database.reading() as session:
        rows = ssi.answered(session, actor(), before=before, limit=ssi.AT_ONCE + 1)
        shown = rows[: ssi.AT_ONCE]
        counts = ssi.counts(session, actor())
        page = render_template(
            "proofs/ssi.html",
            rows=shown,
            total=ssi.answered_count(session, actor()),
            more=url_for(".index", avant=shown[-1][0].id) if len(rows) > len(shown) else None,
            is_first=before is None,
            tallies=list(_tallies(runtime().forms.get(FORM).components, counts)),
        )
        return page, NEVER_KEPT


def _tallies(
    components: tuple[Component, ...] | list[Component], counts: Mapping[str, Counter[str]]
) -> Iterator[Tally]:
    for component in components:
        yield from _tallies(component.children, counts)
        if component.options and component.key:
            given = counts.get(component.key, Counter())
            named = [(in_words(option.label), given[option.value]) for option in component.options]
            others = sum(given.values()) - sum(count for _label, count in named)
            yield Tally(component.label, named + ([(_("Autre"), others)] if others else []))
