"""The proofs of one requirement beside its text and its verdict, one requirement after the other.

The page judges nothing: what is said there goes into the draft of the instruction task, which
alone records verdicts. Who may not complete that task reads only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import login_required
from sqlalchemy.orm import Session

from api.stored_file import given_out, shown
from web.access import require_agency, require_proof_reader, visible_dossier
from web.dossier_words import PROOF_KINDS, VERDICTS
from web.draft_view import saved_words
from web.forms_render import is_fragment
from web.kept import is_of_reader, is_refresh, redisplays
from web.language import _
from web.review_draft import Row, RowChanged, keep, questions_of
from web.review_view import (
    Bench,
    Review,
    around_of,
    bench_of,
    quoted,
    review_of,
    said_of,
)
from web.runtime import runtime
from web.security import CONTENT_SECURITY_POLICY
from web.shown_proof import LONGEST_WORDS, Asked, shown_proof
from web.signed_in import actor
from web.whole_number import asked_number
from workflow.domain import dossier as dossiers
from workflow.domain import proof
from workflow.domain.dossier import Dossier
from workflow.errors import Conflict, LimitExceeded, NotAllowed

part = Blueprint("proof_review", __name__)

POLICY = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'; media-src 'self'"
"""Our own page frames and plays files of this site; those answer with a policy of their own."""
NEXT, QUOTE, CLEAR, OVER, UNDO, ASK = "~next", "~quote", "~clear", "~over", "~undo", "~ask"
LONGEST_CODE = 40
_LINES = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?\Z")


@dataclass(frozen=True)
class Typed:
    """What the page shows again: the row as typed, what is said of its draft, its fault.

    `shown` is the row that the page stands on; `newer` another page's that came since.
    """

    row: Row
    shown: Row
    sentence: str = ""
    is_refused: bool = False
    newer: Row | None = None
    fault: str = ""


@part.get("/dossiers/<number>/revue")
@login_required
def start(number: str) -> Any:
    """Lead to a requirement by its code or a part of it, else to the first to be judged."""
    wanted = request.args.get("exigence", "").strip().upper()[:LONGEST_CODE]
    with runtime().database.reading() as session:
        dossier = _readable(session, number)
        if dossier.complete_received_at is None:
            return render_template("proofs/not_yet.html", dossier=dossier)
        review = review_of(session, bench_of(session, dossier, actor()), None)
        codes = [item.code for item in review.items]
        found = [code for code in codes if wanted and wanted in code]
        exact = wanted if wanted in found else next(iter(found), None)
        code = exact or review.item.code
    if wanted and exact is None:
        flash(
            _("Aucune exigence de ce dossier ne porte le code « %(code)s ».", code=wanted), "wait"
        )
    return redirect(url_for("proof_review.show", number=number, code=code))


@part.get("/dossiers/<number>/revue/<code>")
@login_required
def show(number: str, code: str) -> Any:
    """One requirement, its verdict so far and its proofs."""
    with runtime().database.reading() as session:
        dossier = _readable(session, number)
        if dossier.complete_received_at is None:
            return render_template("proofs/not_yet.html", dossier=dossier)
        review = review_of(session, bench_of(session, dossier, actor()), code)
        return _page(session, review, None, 200)


@part.post("/dossiers/<number>/revue/<code>")
@login_required
@redisplays
def say(number: str, code: str) -> Any:
    """Write what is said of one requirement into the draft of the task."""
    with runtime().database.reading() as session:
        review = _judged_here(session, _readable(session, number), code)
        task = review.bench.task
        task_id = "" if task is None else task.id
        said = review.item.row
        onward = review.next_open.code if review.next_open else None
    typed = _typed(said)
    if is_refresh():
        return _again(number, code, typed, 200)
    if not is_of_reader():
        return Response(status=403)
    if fault := _fault(typed.row):
        return _again(number, code, replace(typed, fault=fault), 422)
    try:
        draft = keep(
            runtime(), actor(), task_id, code, typed.row, typed.shown, _question(code, typed.row)
        )
    except RowChanged as change:
        newer = replace(typed, sentence=saved_words(change.draft), newer=change.newer)
        return _again(number, code, newer, 409)
    except (Conflict, LimitExceeded) as refusal:
        return _again(number, code, replace(typed, is_refused=True), refusal.http_status)
    if is_fragment():
        return _said(Typed(typed.row, typed.row, saved_words(draft)))
    return _onward(number, code, typed, onward)


@part.get("/preuves/<int:proof_id>/montrer")
@login_required
def view(proof_id: int) -> Response:
    """A file for a frame, an image or a player of our pages; what cannot be shown is saved."""
    with runtime().database.reading() as session:
        found = proof.find_readable(session, proof_id, actor())
        own = dossiers.get(session, found.dossier_id).operator_id == actor().operator_id
        given_out(session, found.content_key, to_its_sender=own)
        key, name, media_type = found.content_key, found.file_name, found.media_type
    return shown(key, name, media_type)


def _readable(session: Session, number: str) -> Dossier:
    """The dossier, for those of the Agency who read proofs: verdicts are not the operator's yet."""
    dossier = visible_dossier(session, number, actor())
    require_agency(actor())
    require_proof_reader(dossier, actor())
    return dossier


def _judged_here(session: Session, dossier: Dossier, code: str) -> Review:
    bench = bench_of(session, dossier, actor())
    if not bench.may_judge:
        raise NotAllowed(
            f"Expected a person who may complete the instruction of dossier {dossier.number} but"
            f" {actor().name} may not, or it is not under way. Read the proofs only."
        )
    return review_of(session, bench, code)


def _typed(said: Row) -> Typed:
    """The posted row, and what the page had shown; `said` is what stands now."""
    form = request.form
    row = Row.read({"verdict": form.get("verdict"), "comment": form.get("comment")})
    was = "~newer" if OVER in form else "~was"
    before = Row.read(
        {"verdict": form.get(f"{was}.verdict"), "comment": form.get(f"{was}.comment")}
    )
    if UNDO in form:
        # The verdict alone is taken back: its reason stays to be read again.
        row, before = Row(row.verdict, said.comment), Row(before.verdict, said.comment)
    elif CLEAR in form:
        row = Row("", row.comment)
    elif form.get(QUOTE):
        row = Row(row.verdict, f"{row.comment} ({form[QUOTE]})".strip())
    return Typed(row, before)


def _fault(row: Row) -> str:
    """What is missing for the act that the posted button does."""
    if NEXT in request.form and not row.verdict:
        return _("Le verdict manque. Choisissez-en un, ou passez à l'exigence suivante.")
    if ASK in request.form and not row.comment.strip():
        return _("Le motif manque. Écrivez-y ce que l'opérateur doit préciser.")
    return ""


def _question(code: str, row: Row) -> str:
    """The reason as a question to the operator, on one line, that names the requirement."""
    return f"{code} : {' '.join(row.comment.split())}" if ASK in request.form else ""


def _onward(number: str, code: str, typed: Typed, onward: str | None) -> Any:
    """Where to go once it is saved: on to what is left to judge, or back to the same page."""
    arguments: dict[str, Any] = {"number": number, "code": code}
    if NEXT in request.form:
        before = request.form.get("~before", "")
        arguments |= {"code": onward or code, "fait": code, "avant": before}
        if onward is None:
            flash(
                _("Toutes les exigences sont jugées : il reste à conclure l'instruction."), "done"
            )
    elif UNDO in request.form:
        flash(_("Verdict annulé pour %(code)s.", code=code), "done")
    elif ASK in request.form:
        flash(
            _("Question ajoutée au brouillon ; elle part avec les autres, à la conclusion."), "done"
        )
    elif (piece := asked_number("piece")) is not None:
        arguments["piece"] = piece
    return redirect(url_for("proof_review.show", **arguments), 303)


def _again(number: str, code: str, typed: Typed, status: int) -> Any:
    if is_fragment():
        return _said(typed), status
    with runtime().database.reading() as session:
        review = _judged_here(session, _readable(session, number), code)
        return _page(session, review, typed, status)


def _said(typed: Typed) -> str:
    return render_template("proofs/review_said.html", typed=typed, verdict_name=_verdict_name)


def _page(session: Session, review: Review, typed: Typed | None, status: int) -> Response:
    item, bench = review.item, review.bench
    file = review.file(asked_number("piece"))
    at_hand = None
    if file is not None:
        at_hand = shown_proof(runtime().files, file.proof, file.content, _asked())
    if typed is None:
        sentence = "" if bench.draft is None else saved_words(bench.draft)
        typed = Typed(item.row, item.row, sentence)
    g.jalon_reads_news = bench.is_behind
    page = render_template(
        "proofs/review.html",
        around=around_of(bench, actor()),
        review=review,
        bench=bench,
        dossier=bench.dossier,
        campaign=bench.campaign,
        item=item,
        typed=typed,
        file=file,
        at_hand=at_hand,
        said=said_of(session, bench.dossier, item.code),
        undone=_undone(review, bench),
        verdict_looks=VERDICTS,
        verdict_name=_verdict_name,
        proof_kinds=PROOF_KINDS,
        quoted=quoted,
        prepared=len(questions_of(bench.draft)),
    )
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _undone(review: Review, bench: Bench) -> tuple[str, Row, str] | None:
    """The verdict that was just given: its requirement, its row, and the verdict before it."""
    code = request.args.get("fait", "")
    item = next((each for each in review.items if each.code == code), None)
    if item is None or not bench.may_judge or item.drafted is None or not item.drafted.verdict:
        return None
    before = request.args.get("avant", "")
    return code, item.drafted, before if before in VERDICTS else ""


def _verdict_name(name: str) -> str:
    return str(VERDICTS[name].words) if name in VERDICTS else _("Aucun verdict")


def _asked() -> Asked:
    lines = _LINES.match(request.args.get("ligne", "").strip())
    first = int(lines[1]) if lines else 0
    last = int(lines[2] or lines[1]) if lines else 0
    return Asked(
        part=asked_number("partie"),
        lines=(min(first, last), max(first, last)) if lines else None,
        words=request.args.get("cherche", "").strip()[:LONGEST_WORDS],
        since=asked_number("depuis") or 1,
    )
