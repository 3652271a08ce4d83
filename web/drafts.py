"""Drafts of tasks: saved as one types, shown again to whoever may complete the task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session

from web import tasks
from web.draft_view import OVER, REVISION, ShownDraft, posted_number, told
from web.forms_render import is_fragment, typed_answer
from web.runtime import runtime
from web.signed_in import actor
from workflow.engine import drafts, human_tasks
from workflow.engine.drafts import StaleDraft
from workflow.engine.forms import Form
from workflow.engine.forms.component import Component, questions
from workflow.engine.waiting import HumanTask
from workflow.errors import Conflict, JalonError, LimitExceeded

part = Blueprint("drafts", __name__)


@part.post("/taches/<task_id>/brouillon")
@login_required
def save(task_id: str) -> Any:
    """Keep what was typed so far; the page, or the part of it that tells of the draft."""
    with runtime().database.reading() as session:
        task = human_tasks.find(session, task_id)
        human_tasks.require_may_complete(session, task, actor())
        form = runtime().forms.get(task.form_key)
    answer = typed_answer(form, request.form)
    revision = posted_number(OVER)
    try:
        saved = drafts.save(
            runtime(),
            task_id,
            answer,
            actor(),
            revision=posted_number(REVISION) if revision is None else revision,
        )
    except StaleDraft:
        return _stale(task_id, form, answer)
    except (Conflict, LimitExceeded) as refusal:
        return _refused(task_id, answer, refusal)
    if is_fragment():
        return render_template("tasks/draft_said.html", task=task, draft=told(saved))
    flash(told(saved).sentence, "done")
    return redirect(url_for("tasks.show", task_id=task_id), 303)


def _stale(task_id: str, form: Form, answer: Mapping[str, Any]) -> Any:
    """A newer version exists: nothing of it is changed, and both are shown."""
    with runtime().database.reading() as session:
        task = human_tasks.find(session, task_id)
        newer = drafts.find(session, task_id)
        if newer is None:  # It was sent or thrown away between the two readings.
            return _page(session, task, answer, ShownDraft(is_refused=True), 409)
        draft = ShownDraft(
            posted_number(REVISION) or 0,
            told(newer).sentence,
            newer.revision,
            list(_differences(form, answer, newer.answer)),
        )
        return _page(session, task, answer, draft, 409)


def _refused(task_id: str, answer: dict[str, Any], refusal: JalonError) -> Any:
    with runtime().database.reading() as session:
        task = human_tasks.find(session, task_id)
        draft = ShownDraft(posted_number(REVISION) or 0, is_refused=True)
        return _page(session, task, answer, draft, refusal.http_status)


def _page(
    session: Session, task: HumanTask, answer: Mapping[str, Any], draft: ShownDraft, status: int
) -> Any:
    if is_fragment():
        return render_template("tasks/draft_said.html", task=task, draft=draft), status
    return tasks.form_page(session, task, dict(answer), {}, status, draft=draft)


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
        value, label = answer.get(question.key), f"{question.label}{place}"
        if question.answer_type == "rows":
            for number, row in enumerate(value if isinstance(value, list) else [], start=1):
                if isinstance(row, Mapping):
                    yield from _texts(question.children, row, f" ({number})")
        elif isinstance(value, list):
            yield label, ", ".join(str(item) for item in value)
        elif value is not None:
            yield label, str(value)
