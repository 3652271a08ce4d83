"""The first visit of a role: a few steps, shown at the foot of each page until they are done.

Its texts are data (`web.guide_texts`); how far someone went stands in `guided_visit`. A step is
ticked by what the person does: the page was read, or the act was taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, current_app, flash, g, redirect, request, url_for
from flask_login import login_required
from werkzeug.exceptions import BadRequest

from web import visit_door
from web.guide_texts import Step, said, visit_of
from web.kept import is_refresh, local_path
from web.language import _
from web.runtime import runtime, system_now
from web.signed_in import ROLE_NAMES, SignedIn, actor, signed_in
from workflow.domain.guided_visit import LATER, NEVER, PASSED, Progress, progress_of

part = Blueprint("visits", __name__)

TAKEN = (200, 302, 303)
"""How an act that was taken is answered; one that is refused has a status of its own."""


@dataclass(frozen=True)
class ShownStep:
    """A step as the panel shows it; `state` is done, passed or None."""

    id: str
    number: int
    title: str
    text: str
    address: str
    state: str | None
    is_here: bool


@dataclass(frozen=True)
class Panel:
    """The visit at the foot of a page: the step that is told, and all of them."""

    step: ShownStep
    steps: tuple[ShownStep, ...]
    is_folded: bool


def init_guided_visits(app: Flask, *, demo: bool) -> None:
    """Offer first visits in the demo, and where the setting asks for them."""
    app.config["GUIDED_VISITS"] = demo or app.extensions["jalon"].settings.guided_visits
    app.register_blueprint(part)

    app.jinja_env.globals["guided_visit"] = panel

    @app.after_request
    def tick(response: Response) -> Response:
        for step in _done_by(response):
            visit_door.done(runtime(), _person_id(), step.id, system_now())
        return response


def panel() -> Panel | None:
    """The visit to show on this page; None when there is nothing (more) to show."""
    person = signed_in()
    if person is None or not current_app.config["GUIDED_VISITS"]:
        return None
    progress = _progress(person)
    steps = _current_visit(person, progress)
    if progress.put_away == NEVER or not steps:
        return None
    shown = tuple(_shown(step, number, progress) for number, step in enumerate(steps, 1))
    ahead = [each for each in shown if each.state is None]
    here = [each for each in ahead if each.is_here]
    return Panel((here or ahead)[0], shown, progress.put_away == LATER)


@part.post("/visite")
@login_required
def move() -> Any:
    """Go to the next step, fold the visit, take it up again, or end it."""
    choice, back = request.form.get("do"), local_path(request.form.get("to"))
    if choice == "next":
        return _go_on(request.form.get("step", ""))
    ways = {"later": LATER, "never": NEVER, "resume": None}
    if choice not in ways:
        raise BadRequest
    visit_door.put_away(runtime(), _person_id(), ways[choice], system_now())
    if choice == "never":
        flash(_("La visite guidée ne paraît plus. « Mon compte » permet de la refaire."), "done")
    return redirect(back, 303)


@part.post("/visite/recommencer")
@login_required
def restart() -> Any:
    """Begin the visit anew, from one's account."""
    visit_door.restart(runtime(), _person_id(), system_now())
    person = signed_in()
    steps = _current_visit(person, Progress()) if person else ()
    return redirect(_address(steps[0]) if steps else url_for("home.index"), 303)


def _go_on(step: str) -> Any:
    person = signed_in()
    known = {each.id for role in _roles(person) for each in visit_of(role)}
    if person is None or step not in known:
        raise BadRequest
    visit_door.passed(runtime(), _person_id(), step, system_now())
    before = _progress(person)
    progress = Progress({step: PASSED, **before.steps})
    steps = _current_visit(person, progress)
    ahead = [each for each in steps if each.id not in progress.steps]
    if ahead:
        return redirect(_address(ahead[0]), 303)
    flash(_("Visite guidée terminée. « Mon compte » permet de la refaire."), "done")
    return redirect(local_path(request.form.get("to")), 303)


def _done_by(response: Response) -> list[Step]:
    """The steps that this request has done, and that were not done before."""
    endpoint = request.endpoint or ""
    if endpoint not in _watched() or not current_app.config["GUIDED_VISITS"]:
        return []
    if is_refresh() or "HX-Request" in request.headers:
        return []
    person = signed_in()
    is_page = request.method == "GET" and response.status_code == 200
    is_act = request.method == "POST" and response.status_code in TAKEN
    touched = [
        step
        for role in _roles(person)
        for step in visit_of(role)
        if (is_page and endpoint in step.opened) or (is_act and endpoint in step.acts)
    ]
    if person is None or not touched:
        return []
    progress = _progress(person)
    return [step for step in touched if step.id not in progress.steps and progress.put_away is None]


@cache
def _watched() -> frozenset[str]:
    """Every page and act that a step of some role waits for."""
    return frozenset(
        endpoint
        for role in ROLE_NAMES
        for step in visit_of(role)
        for endpoint in step.opened | step.acts
    )


def _progress(person: SignedIn) -> Progress:
    """Read once per request."""
    if "visit_progress" not in g:
        with runtime().database.reading() as session:
            g.visit_progress = progress_of(session, person.actor.person_id or 0)
    return g.visit_progress


def _current_visit(person: SignedIn, progress: Progress) -> tuple[Step, ...]:
    """The first of a person's visits with a step ahead."""
    for role in _roles(person):
        # The demo's clock, for one, is a page of the demo only.
        steps = tuple(s for s in visit_of(role) if s.page in current_app.view_functions)
        if any(step.id not in progress.steps for step in steps):
            return steps
    return ()


def _roles(person: SignedIn | None) -> list[str]:
    return [role for role in ROLE_NAMES if person and role in person.actor.roles]


def _shown(step: Step, number: int, progress: Progress) -> ShownStep:
    state = progress.steps.get(step.id)
    here = request.endpoint in (step.page, *step.opened)
    return ShownStep(
        step.id, number, said(step.title), said(step.text), _address(step), state, here
    )


def _address(step: Step) -> str:
    return url_for(step.page, _anchor=step.anchor)


def _person_id() -> int:
    return actor().person_id or 0
