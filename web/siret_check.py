"""A SIRET number checked as it is typed: its length, its key, the exception of La Poste."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_login import login_required

from web.forms_render import is_fragment
from web.language import _, _n
from web.procedure_words import in_words
from workflow.domain import siret

MOST_CHARACTERS = 40

part = Blueprint("siret_check", __name__)


@part.get("/siret")
@login_required
def check() -> Any:
    """The line under the field; nothing is said of a field that is empty."""
    if not is_fragment():
        return Response(status=204)
    number = siret.normalised(request.args.get("siret", "")[:MOST_CHARACTERS])
    words, tone = _said(number) if number else ("", "")
    return render_template("siret_check.html", words=words, tone=tone)


def _said(number: str) -> tuple[str, str]:
    """What is said of a number, and as what: "done", "mute" while digits lack, "alert"."""
    lacking = siret.LENGTH - len(number)
    if number.isdecimal() and lacking > 0:
        return _n("Il manque %(num)s chiffre.", "Il manque %(num)s chiffres.", lacking), "mute"
    fault = siret.fault_of(number)
    if fault is not None:
        return in_words(siret.SENTENCES[fault]), "alert"
    if number.startswith(siret.LA_POSTE):
        return _("SIRET correct : la clé propre aux établissements de La Poste est juste."), "done"
    return _("SIRET correct : 14 chiffres, et la clé est juste."), "done"
