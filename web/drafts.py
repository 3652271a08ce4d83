"""Drafts of forms: saved as one types, shown again to whoever may go on with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session

from web import tasks
from web.draft_view import (
    OVER,
    REVISION,
    DraftPlace,
    ShownDraft,
    counted,
    place_of_task,
    posted_page,
    saved_words,
    told,
)
from web.forms_render import is_fragment, typed_answer
from web.kept import is_of_reader
from web.procedure_words import in_words
from web.runtime import runtime, system_now
from web.signed_in import actor
from web.task_at_hand import at_hand
from web.whole_number import posted_number
from workflow.engine import drafts, human_tasks
from workflow.engine.draft import Draft, StaleDraft
from workflow.engine.forms import Form
from workflow.engine.forms.component import Component, questions
from workflow.errors import Conflict, LimitExceeded

part = Blueprint("drafts", __name__)

LEAVE = "~leave"
"""The button by which one goes away from a form that keeps its draft."""

Answer = dict[str, Any]


@dataclass(frozen=True)
class DraftForm:
    """A form whose answer is kept while it is typed: where, how, and the page that shows it.

    `save` takes the answer and the revision that it replaces; with `counts` the page tells how
    many obligatory answers are given.
    """

    place: DraftPlace
    form: Form
    save: Callable[[Answer, int | None], Draft]
    find: Callable[[Session], Draft | None]
    page: Callable[[Answer, ShownDraft, int], Any]
    counts: bool = False


@part.post("/taches/<task_id>/brouillon")
@login_required
def save(task_id: str) -> Any:
    """Keep what was typed so far; the page, or the part of it that tells of the draft."""
    with runtime().database.reading() as session:
        task = human_tasks.find(session, task_id)
        human_tasks.require_may_complete(session, task, actor())
        form = runtime().forms.get(task.form_key)
    return keep(
        DraftForm(
            place_of_task(task_id),
            form,
            lambda answer, revision: drafts.save(
                runtime(), task_id, answer, actor(), revision=revision, page=posted_page()
            ),
            lambda session: drafts.find(session, task_id),
            partial(_task_page, task_id),
        )
    )


def keep(typed: DraftForm) -> Any:
    """Keep what was typed so far; the page, or the part of it that tells of the draft."""
    if not is_of_reader():
        return "", 403
    answer = typed_answer(typed.form, request.form)
    over = posted_number(OVER)
    try:
        saved = typed.save(answer, posted_number(REVISION) if over is None else over)
    except StaleDraft:
        return _stale(typed, answer)
    except (Conflict, LimitExceeded) as refusal:
        refused = ShownDraft(typed.place, posted_number(REVISION) or 0, is_refused=True)
        return _shown(typed, answer, refused, refusal.http_status)
    return _saved(typed, answer, saved)


def _saved(typed: DraftForm, answer: Answer, saved: Draft) -> Any:
    if is_fragment():
        return _shown(typed, answer, told(typed.place, saved), 200)
    flash(saved_words(saved), "done")
    return redirect(url_for("home.index") if LEAVE in request.form else typed.place.page, 303)


def _stale(typed: DraftForm, answer: Answer) -> Any:
    """A newer version exists: nothing of it is changed, and both are shown."""
    with runtime().database.reading() as session:
        newer = typed.find(session)
    if newer is None:  # It was sent or thrown away between the two readings.
        return _shown(typed, answer, ShownDraft(typed.place, is_refused=True), 409)
    if newer.answer == answer:  # The page sent it before, and never heard that it was saved.
        return _saved(typed, answer, newer)
    draft = ShownDraft(
        typed.place,
        posted_number(REVISION) or 0,
        saved_words(newer),
        newer.revision,
        list(_differences(typed.form, answer, newer.answer)),
    )
    return _shown(typed, answer, draft, 409)


def _shown(typed: DraftForm, answer: Answer, draft: ShownDraft, status: int) -> Any:
    if typed.counts:
        draft = replace(draft, **counted(typed.form, answer))
    if is_fragment():
        return render_template("tasks/draft_said.html", draft=draft), status
    return typed.page(answer, draft, status)


def _task_page(task_id: str, answer: Answer, draft: ShownDraft, status: int) -> Any:
    with runtime().database.reading() as session:
        known = at_hand(session, task_id, actor(), system_now())
        return tasks.form_page(session, known, answer, {}, status, draft=draft)


def _differences(
    form: Form, typed: Mapping[str, Any], stored: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """The texts of the stored version that this page does not show."""
    here = dict(_texts(form.components, typed))
    for label, text in _texts(form.components, stored):
        if text.strip() and here.get(label, "") != text:
            yield label, text


def _texts(
    components: tuple[Component, ...], answer: Mapping[str, Any], place: str = ""
) -> Iterator[tuple[str, str]]:
    for question in questions(components):
        value, label = answer.get(question.key), f"{in_words(question.label)}{place}"
        if question.answer_type == "rows":
            for number, row in enumerate(value if isinstance(value, list) else [], start=1):
                if isinstance(row, Mapping):
                    yield from _texts(question.children, row, f" ({number})")
        elif isinstance(value, list):
            yield label, ", ".join(str(item) for item in value)
        elif value is not None:
            yield label, str(value)
