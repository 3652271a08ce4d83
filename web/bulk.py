"""Acts on many dossiers: chosen in a list, foreseen, confirmed, and what became of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session

from api import bulk_door
from web import answering
from web.access import require_agency
from web.error_pages import LAST_ACTS, LastAct
from web.hand_over_words import ACT_NAMES, DONE, FORESEEN, TITLES, refusal
from web.kept import is_refresh, local_path, redisplays
from web.language import _
from web.runtime import now, runtime
from web.signed_in import actor, signed_in
from web.whole_number import posted_number
from web.words import table_instant
from workflow.domain import absence_cover, bulk_act, bulk_report, bulk_verbs, custody
from workflow.domain.audit_kinds import HANDS, STEPS
from workflow.domain.bulk_act import BulkAct
from workflow.domain.bulk_verbs import Foreseen
from workflow.errors import InvalidAnswer

SHOWN_PROGRESS = 20
"""From how many dossiers on a bar tells how far the act has come."""
ONE = "/lots/<int(max=2147483647):bulk_act_id>"

part = Blueprint("bulk", __name__)


@part.app_context_processor
def give_acts() -> dict[str, Any]:
    """Let a list offer the acts on many dossiers that its reader may carry out."""
    return {"bulk_acts": _offered}


@part.get("/lots")
@login_required
def index() -> Any:
    """The reports of what this person had done."""
    require_agency(actor())
    with runtime().database.reading() as session:
        found = bulk_report.confirmed_by(session, actor())
        return render_template(
            "bulk/index.html",
            found=found,
            counts=bulk_report.counts_of(session, [each.id for each in found]),
            names=TITLES,
        )


@part.post("/lots")
@login_required
def prepare() -> Any:
    """Keep the dossiers that were ticked, and go to the preview."""
    require_agency(actor())
    numbers = request.form.getlist("dossier")
    if "all" in request.form:
        numbers = request.form.get("page", "").split()
    try:
        found = bulk_door.prepare(runtime(), actor(), request.form.get("act", ""), numbers)
    except InvalidAnswer:
        flash(_("Aucun dossier n'est coché. Cochez-en un, puis choisissez l'acte."), "alert")
        return redirect(local_path(request.form.get("back")), 303)
    return redirect(url_for(".show", bulk_act_id=found), 303)


@part.route(ONE, methods=["GET", "POST"])
@login_required
@redisplays
def show(bulk_act_id: int) -> Any:
    """Say to whom and why, read what would happen; afterwards, what happened."""
    require_agency(actor())
    faults: dict[str, list[str]] = {}
    if request.method == "POST" and not is_refresh():
        try:
            _complete(bulk_act_id)
            return redirect(url_for(".show", bulk_act_id=bulk_act_id), 303)
        except InvalidAnswer as fault:
            faults = answering.sentences_of(fault)
    with runtime().database.reading() as session:
        act = bulk_act.of_actor(session, actor(), bulk_act_id)
        if act.confirmed_at is not None:
            return _report_page(session, act)
        return _preview_page(session, act, faults), 422 if faults else 200


@part.post(f"{ONE}/lancer")
@login_required
def confirm(bulk_act_id: int) -> Any:
    """Begin; a button pressed twice begins once."""
    require_agency(actor())
    shown = answering.posted_mark()
    with runtime().database.reading() as session:
        act = bulk_act.of_actor(session, actor(), bulk_act_id)
        if act.confirmed_at is None and shown is not None:
            rows = bulk_verbs.foresee(session, actor(), act, now())
            if shown != _mark(act, rows):
                return _preview_page(session, act, {}, stale=True), 409
    bulk_door.confirm(runtime(), actor(), bulk_act_id)
    return redirect(url_for(".show", bulk_act_id=bulk_act_id), 303)


@part.post(f"{ONE}/suite")
@login_required
def carry_on(bulk_act_id: int) -> Any:
    """Do the next dossiers now, without waiting for the worker."""
    with runtime().database.reading() as session:
        bulk_act.of_actor(session, actor(), bulk_act_id)
    bulk_door.carry_on(runtime(), bulk_act_id, limit=bulk_door.AT_ONCE)
    return redirect(url_for(".show", bulk_act_id=bulk_act_id), 303)


@part.get(f"{ONE}.csv")
@login_required
def as_csv(bulk_act_id: int) -> Response:
    """The report as a table."""
    require_agency(actor())
    with runtime().database.reading() as session:
        act = bulk_act.of_actor(session, actor(), bulk_act_id)
        written = io.StringIO()
        table = csv.writer(written, delimiter=";")
        table.writerow(
            [_("dossier"), _("service"), _("résultat"), _("code"), _("explication"), _("le")]
        )
        for item, dossier in bulk_report.items(session, act.id):
            done_at = table_instant(item.done_at) if item.done_at else ""
            service = f"{dossier.service_name} {dossier.service_version}"
            table.writerow(
                [
                    dossier.number,
                    _plain(service),
                    _result(item.state),
                    item.code or "",
                    _sentence(act.act, item.state, item.code),
                    done_at,
                ]
            )
    return Response(
        "\ufeff" + written.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="lot-{act.id}.csv"'},
    )


def _offered() -> list[tuple[str, str]]:
    person = signed_in()
    names = bulk_act.offered(person.actor) if person else ()
    return [(name, str(ACT_NAMES[name])) for name in names]


def _complete(bulk_act_id: int) -> None:
    bulk_door.complete(
        runtime(),
        actor(),
        bulk_act_id,
        to=posted_number("to"),
        reason=request.form.get("reason", ""),
        text=request.form.get("text", ""),
    )


def _mark(act: BulkAct, rows: Sequence[Foreseen]) -> str:
    """A mark of what a preview shows: what the act says, and what becomes of each dossier."""
    told = [(row.dossier.id, row.holder, row.code) for row in rows]
    return answering.mark_of(sorted(act.answer.items()), told)


def _preview_page(
    session: Session, act: BulkAct, faults: dict[str, list[str]], *, stale: bool = False
) -> str:
    rows = bulk_verbs.foresee(session, actor(), act, now())
    happened = ""
    if stale:
        numbers = {row.dossier.id: row.dossier.number for row in rows}
        happened = answering.what_happened_among(session, numbers, act.created_at, *HANDS, *STEPS)
    complete = bulk_act.is_complete(act)
    to_somebody = act.act in bulk_act.TO_SOMEBODY
    posted = request.method == "POST" and not stale
    return render_template(
        "bulk/preview.html",
        act=act,
        name=TITLES[act.act],
        rows=rows,
        ready=sum(row.code is None for row in rows) if complete else 0,
        complete=complete,
        to_somebody=to_somebody,
        with_reason=act.act in bulk_act.WITH_REASON,
        with_text=act.act == bulk_act.NOTE,
        people=custody.instructors(session) if to_somebody else [],
        away=absence_cover.covers(session, now()) if to_somebody else {},
        typed=request.form if posted else {key: str(said) for key, said in act.answer.items()},
        will=FORESEEN[act.act],
        refusal=refusal,
        faults=faults,
        happened=happened,
        mark=_mark(act, rows),
    )


def _last_act(session: Session, given: Mapping[str, Any]) -> LastAct | None:
    if "bulk_act_id" not in given:
        return None
    kind, number = "bulk_act:confirmed", given["bulk_act_id"]
    sentence = answering.what_happened_in_house(session, kind, bulk_act=number)
    address = url_for("bulk.show", bulk_act_id=number)
    return LastAct(sentence, _("Lire le compte rendu"), address)


LAST_ACTS[part.name] = _last_act


def _report_page(session: Session, act: BulkAct) -> str:
    rows = bulk_report.items(session, act.id)
    counts = bulk_report.counts(session, act.id)
    return render_template(
        "bulk/report.html",
        act=act,
        name=TITLES[act.act],
        rows=[(item, dossier, _sentence(act.act, item.state, item.code)) for item, dossier in rows],
        counts=counts,
        people={each.id: each.name for each in custody.instructors(session)} if act.to else {},
        has_bar=counts.total > SHOWN_PROGRESS,
    )


def _sentence(act: str, state: str, code: str | None) -> str:
    if state == bulk_act.DONE:
        return str(DONE[act])
    return refusal(code) if state == bulk_act.REFUSED else _("Pas encore fait.")


def _result(state: str) -> str:
    words = {bulk_act.DONE: _("fait"), bulk_act.REFUSED: _("refusé")}
    return words.get(state, _("à faire"))


def _plain(text: str) -> str:
    """A text that a spreadsheet never takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
