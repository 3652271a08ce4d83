"""Questions to the support on the functioning of the tool (DSR 4.6): list, ask, thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import answering
from web.forms_render import posted_form, shown_form
from web.kept import redisplays
from web.language import _, _l
from web.older_entries import asked_before
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from workflow.domain import support_question
from workflow.domain.operator import Operator
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.domain.support_question import READERS, SupportMessage, SupportQuestion
from workflow.engine import human_tasks, messages
from workflow.engine.waiting import HumanTask, MessageWait
from workflow.errors import Conflict, InvalidAnswer

PER_PAGE = 50
ANSWER = "answer_support"
STATES = {
    "waiting": (_l("Attend une réponse du support"), "pause", "wait"),
    "answered": (_l("Répondue"), "check", "done"),
    "redirected": (_l("Hors du périmètre du support"), "minus", "mute"),
    "closed": (_l("Close"), "minus", "mute"),
}
"""Where a thread stands: its words, mark and tone."""

part = Blueprint("support", __name__)

Faults = dict[str, list[str]]


@dataclass(frozen=True)
class Row:
    """One thread of a list."""

    question: SupportQuestion
    company: str
    state: str
    since: Any
    is_unread: bool


@dataclass(frozen=True)
class Thread:
    """One thread, and what this person may do in it now."""

    question: SupportQuestion
    company: str
    messages: list[tuple[SupportMessage, str]]
    state: str
    task_id: str | None
    heard: frozenset[str]

    @property
    def may_ask_again(self) -> bool:
        """Whether this person may write to the support again."""
        return support_question.ASK_AGAIN in self.heard

    @property
    def may_close(self) -> bool:
        """Whether this person may close it."""
        return support_question.CLOSE in self.heard


@part.get("/aide")
@requires_role(*OPERATOR_SIDE, *READERS)
def index() -> Any:
    """The threads one may read, newest first."""
    who, before = actor(), asked_before()
    with runtime().database.reading() as session:
        found = support_question.listed(session, who, before=before, limit=PER_PAGE + 1)
        rows = _rows(session, found[:PER_PAGE], who)
        waiting = sum(row.state == "waiting" for row in rows)
        return render_template(
            "support/index.html",
            rows=rows,
            waiting=waiting,
            states=STATES,
            may_ask=_may_ask(who),
            agency=bool(who.roles & READERS),
            is_support="support" in who.roles,
            is_first=before is None,
            more=url_for(".index", avant=found[PER_PAGE - 1].id) if len(found) > PER_PAGE else None,
        )


@part.route("/aide/nouvelle", methods=["GET", "POST"])
@requires_role(*OPERATOR_SIDE)
@redisplays
def ask() -> Any:
    """Ask the support a question."""
    form = runtime().forms.get(support_question.ASK)
    answer: dict[str, Any] | None = None
    faults: Faults = {}
    if request.method == "POST":
        posted = posted_form(form)
        answer = posted.answer
        if posted.is_submitted:
            try:
                done = human_tasks.start(
                    runtime(),
                    support_question.PROCESS,
                    support_question.ASK,
                    answer,
                    actor(),
                    aside=True,
                    idempotency_key=answering.act_key(),
                )
                flash(_("Question envoyée. La réponse paraîtra ici, avec un courriel."), "done")
                return redirect(url_for("support.of_instance", instance_id=done.instance_id), 303)
            except InvalidAnswer as refusal:
                faults = answering.sentences_of(refusal)
    page = render_template(
        "support/ask.html", shown=shown_form(form, answer, faults), key=answering.act_key()
    )
    return page, 422 if faults else 200


@part.get("/aide/fil/<int(max=2147483647):instance_id>")
@login_required
def of_instance(instance_id: int) -> Any:
    """From a task, or from the act that opened a thread, to the thread."""
    with runtime().database.reading() as session:
        found = support_question.of_instance(session, instance_id).id
        support_question.visible_to(session, found, actor())
    return redirect(url_for("support.show", question_id=found))


@part.route("/aide/<int(max=2147483647):question_id>", methods=["GET", "POST"])
@login_required
@redisplays
def show(question_id: int) -> Any:
    """One thread: what was said, and what one may say now."""
    if request.method == "GET":
        _read(question_id)
        return _page(question_id, None, {})
    with runtime().database.reading() as session:
        thread = _thread(session, question_id, actor())
        form_key = _form_of(thread, actor())
        if form_key is None:
            raise Conflict(
                f"Expected question {question_id} to wait for you but it does not. Reload it."
            )
        posted = posted_form(runtime().forms.get(form_key))
    if not posted.is_submitted:
        return _page(question_id, posted.answer, {})
    try:
        _say(thread, form_key, posted.answer)
    except InvalidAnswer as refusal:
        return _page(question_id, posted.answer, answering.sentences_of(refusal))
    flash(_("Réponse envoyée.") if form_key == ANSWER else _("Message envoyé."), "done")
    return redirect(url_for("support.show", question_id=question_id), 303)


@part.post("/aide/<int(max=2147483647):question_id>/clore")
@login_required
def close(question_id: int) -> Any:
    """Close a thread."""
    with runtime().database.reading() as session:
        instance_id = support_question.visible_to(session, question_id, actor()).instance_id
    messages.send_beside(
        runtime(),
        instance_id,
        support_question.CLOSE,
        {},
        actor(),
        idempotency_key=answering.act_key(),
    )
    flash(_("Question close. Le fil reste lisible."), "done")
    return redirect(url_for("support.show", question_id=question_id), 303)


def _say(thread: Thread, form_key: str, answer: dict[str, Any]) -> None:
    key = answering.act_key()
    if form_key == ANSWER and thread.task_id is not None:
        human_tasks.complete(
            runtime(),
            thread.task_id,
            answer,
            actor(),
            revision=answering.posted_revision(),
            idempotency_key=key,
        )
        return
    messages.send_beside(
        runtime(),
        thread.question.instance_id,
        support_question.ASK_AGAIN,
        answer,
        actor(),
        idempotency_key=key,
    )


def _read(question_id: int) -> None:
    """Keep that the other side has read what was written to it."""
    who = actor()
    with runtime().database.transaction() as session:
        question = support_question.visible_to(session, question_id, who)
        support_question.mark_read(session, question, who, now())


def _page(question_id: int, answer: dict[str, Any] | None, faults: Faults) -> Any:
    who = actor()
    with runtime().database.reading() as session:
        thread = _thread(session, question_id, who)
        form_key = _form_of(thread, who)
        form = runtime().forms.get(form_key) if form_key else None
        page = render_template(
            "support/show.html",
            thread=thread,
            states=STATES,
            shown=shown_form(form, answer, faults) if form else None,
            answers=form_key == ANSWER,
            agency=bool(who.roles & READERS),
            key=answering.act_key(),
        )
    return page, 422 if faults else 200


def _form_of(thread: Thread, who: Actor) -> str | None:
    if thread.task_id is not None and "support" in who.roles:
        return ANSWER
    return "ask_support_again" if thread.may_ask_again else None


def _may_ask(who: Actor) -> bool:
    return bool(who.roles & OPERATOR_SIDE)


def _thread(session: Session, question_id: int, who: Actor) -> Thread:
    question = support_question.visible_to(session, question_id, who)
    said = support_question.messages_of(session, question.id)
    task_id = session.scalar(
        select(HumanTask.id).where(
            HumanTask.instance_id == question.instance_id, HumanTask.closed_at.is_(None)
        )
    )
    waits = session.scalars(
        select(MessageWait).where(MessageWait.instance_id == question.instance_id)
    )
    heard = frozenset(wait.message for wait in waits if who.roles & set(wait.roles))
    company = _companies(session, [question]).get(question.operator_id or 0, "")
    last = said[-1][0] if said else None
    return Thread(question, company, said, _state(question, last), task_id, heard)


def _rows(session: Session, found: Any, who: Actor) -> list[Row]:
    last = support_question.last_messages(session, [question.id for question in found])
    companies = _companies(session, found)
    return [
        Row(
            question,
            companies.get(question.operator_id or 0, ""),
            _state(question, last.get(question.id)),
            last[question.id].at if question.id in last else question.asked_at,
            _is_unread(last.get(question.id), who),
        )
        for question in found
    ]


def _state(question: SupportQuestion, last: SupportMessage | None) -> str:
    if question.closed_at is not None:
        return "closed"
    if last is None or not last.is_from_support:
        return "waiting"
    return last.kind


def _is_unread(last: SupportMessage | None, who: Actor) -> bool:
    if last is None or last.read_at is not None:
        return False
    return ("support" in who.roles) != last.is_from_support


def _companies(session: Session, found: Any) -> dict[int, str]:
    wanted = sorted({question.operator_id for question in found if question.operator_id})
    rows = session.execute(
        select(Operator.id, Operator.company_name).where(Operator.id.in_(wanted))
    )
    return {row.id: row.company_name for row in rows}
