"""Messages about a dossier as a whole: withdraw or exclude it, take a solicitation back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import answering
from web.access import visible_dossier
from web.dossiers import part
from web.forms_render import posted_form, shown_form
from web.kept import redisplays, typed_texts
from web.language import _, _l
from web.procedure_words import in_words
from web.runtime import runtime
from web.signed_in import actor
from workflow.domain.dossier import Dossier
from workflow.engine import messages
from workflow.engine.forms import Form
from workflow.engine.waiting import MessageWait
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

MESSAGE_TITLES = {
    "withdraw": _l("Se désister"),
    "exclude": _l("Exclure le dossier"),
    "withdraw_solicitation": _l("Retirer la sollicitation"),
}
MESSAGE_DONE = {
    "withdraw": _l("Désistement enregistré. Le dossier est clos."),
    "exclude": _l("Dossier exclu. L'opérateur est notifié avec le motif."),
    "withdraw_solicitation": _l(
        "Sollicitation retirée. L'opérateur est notifié avec le motif, et vous reprenez la main."
    ),
}
MESSAGE_REFUSED = {
    "withdraw": _l("Le désistement n'est pas enregistré"),
    "exclude": _l("Le dossier n'est pas exclu"),
    "withdraw_solicitation": _l("La sollicitation n'est pas retirée"),
}

__all__ = ["part"]

Answer = dict[str, Any]


@part.route("/dossiers/<number>/fin/<name>", methods=["GET", "POST"])
@login_required
@redisplays
def message(number: str, name: str) -> Any:
    """Send a message that the dossier's diagram lets this person send, with its reason."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        wait = _sendable(session, dossier, name)
        session.expunge_all()
    if wait is None or wait.form_key is None:
        if request.method == "POST":
            return _too_late(dossier, name)
        raise Conflict(f"Expected dossier {number} to hear {name} but it does not. Reload it.")
    form = runtime().forms.get(wait.form_key)
    if request.method == "GET":
        return _page(dossier, name, form, None)
    posted = posted_form(form)
    if not posted.is_submitted:
        return _page(dossier, name, form, posted.answer)
    try:
        messages.send(
            runtime(),
            dossier.id,
            name,
            posted.answer,
            actor(),
            revision=answering.posted_revision(),
            idempotency_key=answering.act_key(),
        )
    except InvalidAnswer as refusal:
        faults = answering.sentences_of(refusal)
        return _page(dossier, name, form, posted.answer, faults=faults), 422
    except Conflict as refusal:
        with runtime().database.reading() as session:
            current = answering.revision_of(session, dossier.id)
            if not answering.is_stale(refusal, answering.posted_revision(), current):
                raise
            happened = answering.what_happened(session, dossier.id)
        return _page(dossier, name, form, posted.answer, happened=happened), 409
    flash(str(MESSAGE_DONE.get(name) or _("C'est enregistré.")), "done")
    return redirect(url_for("dossiers.show", number=number), 303)


def _page(
    dossier: Dossier,
    name: str,
    form: Form,
    answer: Answer | None,
    *,
    faults: dict[str, list[str]] | None = None,
    happened: str = "",
) -> str:
    # Shown again for another reason than staleness, a page keeps the revision it opened on.
    kept = None if happened else answering.posted_revision()
    with runtime().database.reading() as session:
        revision = answering.revision_of(session, dossier.id) if kept is None else kept
    return render_template(
        "dossiers/message.html",
        dossier=dossier,
        name=name,
        title=MESSAGE_TITLES.get(name) or in_words(form.title),
        consequence=MESSAGE_REFUSED.get(name) or _("Rien n'est enregistré"),
        shown=shown_form(form, answer, faults or {}),
        happened=happened,
        key=answering.act_key(),
        revision=revision,
    )


def _too_late(dossier: Dossier, name: str) -> Any:
    """The dossier does not hear it any more: who did what, and what was typed, to copy."""
    with runtime().database.reading() as session:
        happened = answering.what_happened(session, dossier.id)
    page = render_template(
        "dossiers/too_late.html",
        dossier=dossier,
        title=MESSAGE_TITLES.get(name) or _("Trop tard"),
        happened=happened,
        texts=typed_texts(),
    )
    return page, 409


def _sendable(session: Session, dossier: Dossier, name: str) -> MessageWait | None:
    waits = messages.sendable(session, dossier.id, actor())
    found = next((wait for wait in waits if wait.message == name), None)
    if found is None and dossier.ended_at is None:
        known = session.scalar(
            select(MessageWait.message).where(
                MessageWait.dossier_id == dossier.id, MessageWait.message == name
            )
        )
        if known is None and request.method == "POST" and name in MESSAGE_TITLES:
            return None
        if known is None:
            raise NotFound(f"Expected a message {name!r} of this dossier but it hears none such.")
        raise NotAllowed(f"Expected a role that may send {name} but {actor().name} has none.")
    return found
