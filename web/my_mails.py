"""One's own mails: when copies leave, which not at all; and declining a kind from a mail."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from api import mail_door
from web import mail_opt_out
from web.language import _
from web.mail_words import kind_title
from web.procedure_words import faults_in_words
from web.runtime import runtime, system_now
from web.security import csrf, limiter
from web.signed_in import actor
from workflow.domain.mail_delivery import DIGEST_HOUR
from workflow.domain.notification_duty import ALL_INFORMATION
from workflow.errors import InvalidAnswer, NotFound

part = Blueprint("my_mails", __name__)


@part.route("/compte/courriels", methods=["GET", "POST"])
@login_required
def choose() -> Any:
    """What one may choose about: the rhythm of information, and its kinds."""
    if request.method == "GET":
        return _page()
    wanted = set(request.form.getlist("wanted"))
    offered = mail_door.choice_of(runtime(), actor()).optional
    declined = [kind for kind in offered if kind not in wanted]
    try:
        mail_door.choose(runtime(), actor(), request.form.get("rhythm", ""), declined, system_now())
    except InvalidAnswer as refusal:
        faults = {name: said for name, said in faults_in_words(refusal).items() if said}
        return _page(faults), 422
    flash(_("Choix enregistré."), "done")
    return redirect(url_for("my_mails.choose"), 303)


@part.get("/courriels/refus/<token>")
@limiter.limit("60 per minute")
def ask_to_decline(token: str) -> Any:
    """Ask before a kind of mail is declined: a program that follows links declines nothing."""
    try:
        address, kind = mail_opt_out.read(runtime().settings, token)
    except NotFound:
        return render_template("mails/not_ours.html"), 404
    return render_template("mails/decline.html", address=address, title=_title(kind), done=False)


@part.post("/courriels/refus/<token>")
@csrf.exempt
@limiter.limit("60 per minute")
def decline(token: str) -> Any:
    """Decline a kind of mail: the reader's own button, or that of their mail program (RFC 8058).

    No form token: the address itself proves that a mail of ours was received.
    """
    try:
        address, kind = mail_opt_out.read(runtime().settings, token)
    except NotFound:
        return render_template("mails/not_ours.html"), 404
    mail_door.decline(runtime(), address, kind, system_now())
    return render_template("mails/decline.html", address=address, title=_title(kind), done=True)


def _page(faults: dict[str, list[str]] | None = None) -> str:
    return render_template(
        "mails/choose.html",
        choice=mail_door.choice_of(runtime(), actor()),
        titles=kind_title,
        hour=DIGEST_HOUR,
        faults=faults or {},
        sends=bool(runtime().settings.smtp_host),
    )


def _title(kind: str) -> str | None:
    return None if kind == ALL_INFORMATION else kind_title(kind)
