"""Internal notes as threads: written, worded again, withdrawn, settled; and where one is called.

For the Agency only. Each act posts to its own address and leads back to the page it came from;
what is refused is shown again, as typed, on a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from web import answering
from web.access import visible_dossier
from web.comment_view import anchor_words, comments_about
from web.kept import is_refresh, local_path, redisplays
from web.language import _
from web.older_entries import asked_before
from web.runtime import now, runtime
from web.signed_in import actor
from web.whole_number import posted_number, posted_numbers, whole_number
from workflow.domain import internal_note, note_mention, note_thread
from workflow.domain.dossier import Dossier
from workflow.domain.internal_note import InternalNote
from workflow.engine import acts
from workflow.errors import Conflict, InvalidAnswer
from workflow.service_tasks.registry import Call

NOTES = "/dossiers/<number>/interne/notes"
ONE = f"{NOTES}/<int(max=2147483647):note_id>"
BACK = "retour"
PER_PAGE = 50

part = Blueprint("comments", __name__)


@part.get("/mentions")
@login_required
def mentions() -> Any:
    """Where the reader is mentioned, newest first."""
    internal_note.require_agency(actor())
    before = asked_before()
    with runtime().database.reading() as session:
        found = note_thread.mentioning(session, actor(), before=before, limit=PER_PAGE + 1)
        shown = found[:PER_PAGE]
        more = shown[-1][0] if len(found) > PER_PAGE else None
        return render_template(
            "comments/mentions.html",
            calls=[call for _place, call in shown],
            more=None if more is None else url_for(".mentions", avant=more),
            is_first=before is None,
            anchor_words=anchor_words,
        )


@part.get(f"{NOTES}/nouvelle")
@login_required
def new(number: str) -> Any:
    """Write a note, on the dossier or on what the address names."""
    return _page(_readable(number), None), 200


@part.post(NOTES)
@login_required
@redisplays
def add(number: str) -> Any:
    """Keep a note, or a reply."""
    dossier = _readable(number)
    if is_refresh():
        return _page(dossier, None), 200
    try:
        note = _perform(
            dossier,
            lambda call: internal_note.add(
                call,
                request.form.get("text", ""),
                anchor=request.form.get("anchor", ""),
                reply_to=posted_number("reply_to"),
                mentioned=posted_numbers("mention"),
            ),
        )
    except InvalidAnswer as refusal:
        return _page(dossier, None, answering.sentences_of(refusal)), 422
    return _done(number, note, _("Note ajoutée."), calls=True)


@part.route(f"{ONE}/modifier", methods=["GET", "POST"])
@login_required
@redisplays
def edit(number: str, note_id: int) -> Any:
    """Word one's own note again, while it is young."""
    dossier = _readable(number)
    note = _note(dossier, note_id)
    if request.method == "GET":
        _require_editable(note)
    if request.method == "GET" or is_refresh():
        return _page(dossier, note), 200
    try:
        edited = _perform(
            dossier,
            lambda call: internal_note.edit(
                call,
                note_id,
                request.form.get("text", ""),
                mentioned=posted_numbers("mention"),
                revision=answering.posted_revision(),
            ),
        )
    except InvalidAnswer as refusal:
        return _page(dossier, note, answering.sentences_of(refusal)), 422
    except Conflict:
        return _page(dossier, note, stale=True), 409
    return _done(number, edited, _("Note modifiée. Ce qu'elle disait est gardé."), calls=True)


@part.route(f"{ONE}/retirer", methods=["GET", "POST"])
@login_required
def withdraw(number: str, note_id: int) -> Any:
    """Take one's own note back, after a confirmation."""
    dossier = _readable(number)
    note = _note(dossier, note_id)
    if request.method == "GET":
        _require_standing(note)
        return render_template("comments/withdraw.html", dossier=dossier, note=note, back=_back())
    withdrawn = _perform(dossier, lambda call: internal_note.withdraw(call, note_id))
    return _done(number, withdrawn, _("Note retirée : il en reste la trace."))


@part.post(f"{ONE}/resolution")
@login_required
def settle(number: str, note_id: int) -> Any:
    """Say that a thread is settled, or that it is not any more."""
    resolved = request.form.get("resolved") == "yes"
    note = _perform(
        _readable(number), lambda call: internal_note.resolve(call, note_id, resolved=resolved)
    )
    return _done(number, note, _("Fil résolu.") if resolved else _("Fil rouvert."))


def _readable(number: str) -> Dossier:
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
    internal_note.require_agency(actor())
    return dossier


def _note(dossier: Dossier, note_id: int) -> InternalNote:
    with runtime().database.reading() as session:
        return internal_note.find(session, dossier.id, note_id, actor())


def _require_editable(note: InternalNote) -> None:
    if not note.is_editable(actor().person_id, now()):
        raise Conflict(
            f"Expected a young note of {actor().name} but {note.id} is none (any more)."
            " Reply to it instead."
        )


def _require_standing(note: InternalNote) -> None:
    if note.by != actor().person_id or note.withdrawn_at is not None:
        raise Conflict(
            f"Expected a standing note of {actor().name} but {note.id} is none (any more)."
        )


def _perform(dossier: Dossier, verb: Callable[[Call], InternalNote]) -> InternalNote:
    # A suspended dossier takes notes too: they move nothing of it.
    return acts.perform(runtime(), actor(), dossier.id, verb, even_held=True)


def _done(number: str, note: InternalNote, sentence: str, *, calls: bool = False) -> Any:
    flash(sentence, "done")
    if calls:
        _say_who_is_not_reached(note)
    page = _back() or url_for("desk.internal", number=number)
    return redirect(f"{page}#note-{note.id}", 303)


def _say_who_is_not_reached(note: InternalNote) -> None:
    with runtime().database.reading() as session:
        for cover in note_mention.not_reached(session, note.id, now()):
            sentence = _(
                "%(name)s est en absence. Rien n'en est dit à %(stand_in)s, qui assure sa"
                " suppléance : un conflit d'intérêts ou un déport l'en tient à l'écart.",
                name=cover.person,
                stand_in=cover.stand_in,
            )
            flash(sentence, "wait")


def _back() -> str:
    """The page from which one came, when it is one of this site."""
    given = request.form.get(BACK) or request.args.get(BACK) or ""
    return local_path(given).partition("#")[0] if given else ""


def _page(
    dossier: Dossier,
    note: InternalNote | None,
    faults: dict[str, list[str]] | None = None,
    *,
    stale: bool = False,
) -> str:
    comments = comments_about(dossier)
    first = request.values.get("reply_to", "") if note is None else str(note.reply_to or "")
    thread = comments.thread_of(whole_number(first) or 0) if comments else None
    anchor = thread.first.note.anchor if thread else request.values.get("anchor", "")
    return render_template(
        "comments/write.html",
        dossier=dossier,
        note=note,
        comments=comments,
        thread=thread,
        anchor=note.anchor if note else anchor,
        text=request.form.get("text", note.text if note else ""),
        mention=posted_numbers("mention")
        or (comments.mentioned_in(note.id) if comments and note else []),
        revision=answering.posted_revision() if stale or note is None else note.revision,
        back=_back(),
        faults=faults or {},
        stale=stale,
        present=now(),
    )
