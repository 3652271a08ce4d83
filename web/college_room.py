"""The college's room: one dossier at a time, typed live into the draft of the session's task.

Nothing is decided here: closing the session is the task's own form (DSR 4.5). [règles 67 68 69 71]
"""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required

from web import room_draft
from web.dossier_words import DECISIONS, NATURES, VERDICTS
from web.forms_render import ShownForm, is_fragment, posted_form, shown_form
from web.kept import is_of_reader, redisplays
from web.language import _
from web.procedure_words import refusal_in_words
from web.room_saving import Clash, Typed, mark_of, save_present, save_row
from web.room_seats import invited_to, members_of
from web.room_summary import Summary, summary_of
from web.room_view import FORM, Room, form_faults, room_of, screen_of
from web.runtime import now, runtime
from web.signed_in import actor
from workflow.domain import college_room, minutes_preview, recusal
from workflow.domain.dossier import Dossier
from workflow.engine import acts

part = Blueprint("college_room", __name__, url_prefix="/college/seances")

SESSION = "<int(max=2147483647):session_id>"
MARK, PAGE, GO, OVER, POSTPONE, SEEN = "~mark", "~page", "~go", "~over", "~postpone", "vu"
LONGEST_PAGE = 40


@part.get(f"/{SESSION}/salle")
@login_required
def enter(session_id: int) -> Any:
    """The room at the dossier that everybody looks at."""
    with runtime().database.reading() as session:
        room = room_of(session, session_id, actor())
        if room.sitting.held_at is not None:
            return redirect(_minutes_address(room))
        if room.shown is None:
            return _page("college/room.html", room, dossier=None, summary=None)
        return redirect(url_for(".show", session_id=session_id, number=room.shown.number))


@part.route(f"/{SESSION}/salle/<number>", methods=["GET", "POST"])
@login_required
@redisplays
def show(session_id: int, number: str) -> Any:
    """One dossier of the agenda, and what is typed on it."""
    if request.method == "POST":
        posted = posted_form(runtime().forms.get(FORM))
        rows = posted.answer.get(room_draft.DECISIONS) or [{}]
        if is_fragment() and not is_of_reader():
            return Response(status=403)
        if posted.is_submitted:
            return _save(session_id, number, rows[0])
        return _item(session_id, number, typed={**rows[0], **_seats()})
    return _item(session_id, number)


@part.post(f"/{SESSION}/presents")
@login_required
def attend(session_id: int) -> Any:
    """Note who is present."""
    with runtime().database.reading() as session:
        invited = invited_to(session, room_of(session, session_id, actor()))
    known = [*request.form.getlist("present"), *request.form.get("others", "").splitlines()]
    chosen = set(request.form.getlist("partner"))
    partners = [each for each in invited if each["name"] in chosen]
    save_present(session_id, room_draft.names(known), partners, actor())
    flash(_("Présences enregistrées dans le brouillon de la séance."), "done")
    return redirect(_back(session_id), 303)


@part.post(f"/{SESSION}/salle/<number>/deport")
@login_required
def leave(session_id: int, number: str) -> Any:
    """Leave for one dossier: a member declares it themselves, and it stands."""
    with runtime().database.reading() as session:
        room = room_of(session, session_id, actor())
        if room.sitting.held_at is not None:
            return redirect(_minutes_address(room))
        dossier_id = college_room.on_agenda(room.ready, number).id
    reason, sitting = request.form.get("reason", ""), room.sitting.number
    acts.perform(
        runtime(),
        actor(),
        dossier_id,
        lambda call: recusal.declare(call, session_id, sitting, reason),
    )
    flash(_("Déport enregistré. Ce point se tient sans vous."), "done")
    return redirect(url_for(".show", session_id=session_id, number=number), 303)


@part.route(f"/{SESSION}/ecran", methods=["GET", "POST"])
@login_required
def screen(session_id: int) -> Any:
    """What is projected: the dossier at hand, in large letters; a POST moves to another."""
    if request.method == "POST":
        _move(session_id, request.form.get("number", ""))
        return redirect(_back(session_id), 303)
    with runtime().database.reading() as session:
        room = screen_of(session, session_id, actor())
        if _has_seen(room):
            return Response(status=204)
        shown = room.shown
        summary = summary_of(session, room, shown, now()) if shown else None
        name = "college/screen_live.html" if is_fragment() else "college/screen.html"
        return _marked(room, _page(name, room, dossier=shown, summary=summary))


@part.get(f"/{SESSION}/proces-verbal")
@login_required
def record(session_id: int) -> Any:
    """The minutes as they would be written now, and what stands against closing the session."""
    with runtime().database.reading() as session:
        room = room_of(session, session_id, actor())
        if room.sitting.held_at is not None:
            return redirect(_minutes_address(room))
        withheld = {each.dossier.number for each in room.points if each.is_away}
        seen = minutes_preview.preview(
            session,
            room.campaign,
            room.sitting.number,
            now(),
            left={key: each.left for key, each in room.away.items()},
            members=room.present,
            partners=room.partners if "partners" in room.answer else invited_to(session, room),
            decisions=room_draft.told(room.answer),
            withheld=withheld,
        )
        against = list(dict.fromkeys([*form_faults(room, withheld), *seen.faults]))
        said = [(each, refusal_in_words(each)) for each in against]
        return render_template(
            "college/record.html", room=room, seen=seen, faults=said, withheld=withheld
        )


def _item(
    session_id: int,
    number: str,
    *,
    typed: dict[str, Any] | None = None,
    clash: Clash | None = None,
) -> Any:
    with runtime().database.reading() as session:
        room = room_of(session, session_id, actor())
        if room.sitting.held_at is not None:
            return _closed(room)
        if _has_seen(room):
            return Response(status=204)
        dossier = college_room.on_agenda(room.ready, number)
        summary = summary_of(session, room, dossier, now())
        stored = room_draft.row_of(room.answer, number)
        row = stored if typed is None else {**stored, **typed}
        noted = room_draft.noted(row)
        gone = room.gone(dossier, noted)
        name = "college/room_live.html" if _is_follow_up() else "college/room.html"
        page = _page(
            name,
            room,
            dossier=dossier,
            summary=summary,
            noted=noted,
            shown=_shown(summary, row) if room.may_write else None,
            people=room_draft.names([*room.present, *gone, *noted.no_conflict]),
            gone=gone,
            members=members_of(session, room),
            invited=invited_to(session, room) if room.may_write else [],
            mark=mark_of(stored) if typed is None else request.form.get(MARK, ""),
            page_key=_page_key(),
            clash=clash,
        )
        return _marked(room, page, 409 if clash else 200)


def _save(session_id: int, number: str, row: dict[str, Any]) -> Any:
    row = {**row, **_seats()}
    if POSTPONE in request.form:
        row |= {"outcome": "", "reasons": "", room_draft.RESERVATIONS: []}
    mark = None if OVER in request.form else request.form.get(MARK, "")
    clash = save_row(session_id, number, Typed(row, mark, _page_key()), actor())
    if is_fragment():
        return _said(session_id, number, clash)
    if clash is not None:
        return _item(session_id, number, typed=row, clash=clash)
    going = request.form.get(GO, "")
    if going:
        _move(session_id, going)
    return redirect(url_for(".show", session_id=session_id, number=going or number), 303)


def _said(session_id: int, number: str, clash: Clash | None) -> Any:
    """What the page says of its draft after it was saved by itself."""
    with runtime().database.reading() as session:
        room = room_of(session, session_id, actor())
    mark = request.form.get(MARK, "")
    if clash is None:
        mark = mark_of(room_draft.row_of(room.answer, number))
    page = render_template(
        "college/room_said.html",
        room=room,
        mark=mark,
        page_key=_page_key(),
        clash=clash,
        decision_looks=DECISIONS,
    )
    return page, 409 if clash else 200


def _seats() -> dict[str, str]:
    """Who left for this dossier and who declared no conflict, when the page asked."""
    asked = {"recused": room_draft.RECUSED, "no_conflict": room_draft.NO_CONFLICT}
    return {
        key: room_draft.lines(request.form.getlist(f"~{name}"))
        for name, key in asked.items()
        if f"~{name}" in request.form
    }


def _move(session_id: int, number: str) -> None:
    with runtime().database.transaction() as session:
        college_room.move_to(session, actor(), session_id, number, now())


def _page(
    name: str, room: Room, *, dossier: Dossier | None, summary: Summary | None, **shown: Any
) -> str:
    noted = room.noted(dossier.number) if dossier else None
    return render_template(
        name,
        room=room,
        dossier=dossier,
        summary=summary,
        away=dossier is not None and noted is not None and room.is_away(dossier, noted),
        before=room.beside(dossier, -1) if dossier else None,
        after=room.beside(dossier, 1) if dossier else None,
        verdict_looks=VERDICTS,
        decision_looks=DECISIONS,
        natures=NATURES,
        **{"noted": noted, "gone": room.gone(dossier, noted) if dossier and noted else [], **shown},
    )


def _shown(summary: Summary, row: dict[str, Any]) -> ShownForm:
    form = runtime().forms.get(FORM)
    options = {"requirement": summary.codes}
    return shown_form(form, {room_draft.DECISIONS: [row]}, options=options)


def _has_seen(room: Room) -> bool:
    return is_fragment() and request.args.get(SEEN) == room.mark


def _is_follow_up() -> bool:
    return is_fragment() and SEEN in request.args


def _marked(room: Room, page: str, status: int = 200) -> Response:
    response = Response(page, status)
    if SEEN in request.args:
        response.set_etag(room.mark)
        response.make_conditional(request)
    return response


def _closed(room: Room) -> Any:
    if is_fragment():
        return render_template("college/room_closed.html", address=_minutes_address(room))
    return redirect(_minutes_address(room))


def _minutes_address(room: Room) -> str:
    sitting = room.sitting
    return url_for("college.minutes", number=sitting.number, campagne=sitting.campaign_id)


def _back(session_id: int) -> str:
    """Where a button of the room leads: the page that it stood on."""
    number = request.form.get("number", "")
    if request.form.get("from") == "screen" or not number:
        name = "screen" if request.form.get("from") == "screen" else "enter"
        return url_for(f".{name}", session_id=session_id)
    return url_for(".show", session_id=session_id, number=number)


def _page_key() -> str:
    return request.form.get(PAGE, "")[:LONGEST_PAGE] or token_hex(8)
