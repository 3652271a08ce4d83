"""Every refusal as a page: what happened, what to do; and what was typed, to copy.

The sentences are found by the error's code, else by that of its parent in the tree of
`workflow.errors`; a part adds its own to `SENTENCES`, and to `LAST_ACTS` who acted last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from flask import Flask, current_app, render_template, request, url_for
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from web import answering
from web.kept import typed_texts
from web.language import _, _l
from web.procedure_words import faults_in_words
from web.runtime import runtime
from web.signed_in import signed_in
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import HANDS
from workflow.domain.person import Actor, Person
from workflow.domain.person_administration import ADMINISTRATOR
from workflow.errors import Conflict, InvalidAnswer, JalonError


@dataclass(frozen=True)
class Sentences:
    """What a refusal says: what happened, then what to do."""

    title: LazyString
    remedy: LazyString


@dataclass(frozen=True)
class LastAct:
    """Who did what last on what a refused act was about, and when; where it is read again."""

    sentence: str
    words: str
    address: str


LAST_ACTS: dict[str, Callable[[Session, Mapping[str, Any]], LastAct | None]] = {}
"""By blueprint: the last act on what an address of that part names, of no dossier."""
SENTENCES: dict[str, Sentences] = {
    "error": Sentences(
        _l("Cet acte n'est pas possible"),
        _l("Rien n'a été changé. Revenez à la page précédente et vérifiez ce que vous demandez."),
    ),
    "not_allowed": Sentences(
        _l("Votre rôle ne permet pas cet acte"),
        _l(
            "Rien n'a été changé. Demandez à la personne qui tient ce rôle, ou changez de compte"
            " si vous en avez un autre."
        ),
    ),
    "not_found": Sentences(
        _l("Cette page n'existe pas, ou vous n'y avez pas accès"),
        _l("Vérifiez l'adresse, ou repartez de l'accueil."),
    ),
    "nothing_in_force": Sentences(
        _l("Aucune campagne n'est encore en vigueur"),
        _l(
            "Cette page se remplira avec la première. Le pilote de la procédure met en vigueur"
            " les schémas puis la campagne, par « jalon diagrams deploy » et"
            " « jalon campaigns deploy »."
        ),
    ),
    "invalid_answer": Sentences(
        _l("La réponse n'est pas enregistrée"),
        _l("Revenez à la page précédente et corrigez ce qui suit."),
    ),
    "conflict": Sentences(
        _l("La situation a changé entre-temps"),
        _l(
            "Votre acte n'est pas enregistré : il a déjà été fait, ou le dossier a avancé."
            " Relisez le dossier, puis recommencez s'il le faut."
        ),
    ),
    "out_of_time": Sentences(
        _l("Le délai est passé"),
        _l(
            "Votre réponse est arrivée après la fin du délai et n'est pas enregistrée."
            " Le dossier dit ce qui s'est passé ensuite."
        ),
    ),
    "invalid_input": Sentences(
        _l("La demande ne peut pas être lue"),
        _l("Rien n'a été changé. Vérifiez le fichier ou la valeur que vous avez donnée."),
    ),
    "limit_exceeded": Sentences(
        _l("C'est trop volumineux"),
        _l("Rien n'a été changé. Envoyez moins, ou en plusieurs fois."),
    ),
    "400": Sentences(
        _l("La demande ne peut pas être lue"),
        _l("Rien n'a été changé. Revenez à la page précédente et recommencez."),
    ),
    "405": Sentences(
        _l("Cette adresse ne s'ouvre pas ainsi"),
        _l("Rien n'a été changé. Repartez de l'accueil."),
    ),
    "429": Sentences(
        _l("Trop de tentatives"),
        _l("Attendez quelques minutes, puis recommencez."),
    ),
    "500": Sentences(
        _l("Jalon a rencontré une erreur"),
        _l(
            "Votre acte n'est peut-être pas enregistré : vérifiez avant de recommencer."
            " Si l'erreur revient, donnez la référence ci-dessous au support."
        ),
    ),
}
_HTTP_CODES = {403: "not_allowed", 404: "not_found", 413: "limit_exceeded", 422: "invalid_input"}


def init_error_pages(app: Flask) -> None:
    """Answer every refusal and every HTTP error with a page."""
    app.register_error_handler(JalonError, _refusal)
    app.register_error_handler(HTTPException, _http_error)


def error_page(
    code: str,
    status: int,
    *,
    faults: list[str] | None = None,
    reference: str | None = None,
    last_act: LastAct | None = None,
) -> tuple[str, int]:
    """The page of one refusal; `faults` are its particular sentences."""
    page = render_template(
        "error.html",
        sentences=SENTENCES[code],
        status=status,
        faults=faults or [],
        reference=reference,
        last_act=last_act,
        texts=_typed_texts(status),
    )
    return page, status


def _refusal(error: JalonError) -> tuple[str, int]:
    current_app.logger.info("%s at %s: %s", error.code, request.path, error)
    faults: list[str] = []
    if isinstance(error, InvalidAnswer):
        faults = [sentence for each in faults_in_words(error).values() for sentence in each]
    last_act = _last_act() if isinstance(error, Conflict) else None
    code = _known_code(type(error))
    return error_page(code, error.http_status, faults=faults, last_act=last_act)


def _last_act() -> LastAct | None:
    """Who acted last on what a refused act is about, as far as one may read it."""
    person, given = signed_in(), request.view_args or {}
    told = LAST_ACTS.get(request.blueprint or "")
    if person is None or (request.method != "POST" and told is None):
        return None
    with runtime().database.reading() as session:
        if told is not None:
            return told(session, given)
        if "number" in given:
            return _last_on_dossier(session, str(given["number"]), person.actor)
        if "person_id" in given and ADMINISTRATOR in person.actor.roles:
            return _last_on_account(session, int(given["person_id"]))
        return None


def _last_on_dossier(session: Session, number: str, actor: Actor) -> LastAct | None:
    dossier = dossiers.find_by_number(session, number)
    if dossier is None or not dossiers.is_visible(session, dossier.id, actor):
        return None
    sentence = answering.what_happened(session, dossier.id, *(HANDS if actor.is_agency else ()))
    words = _("Relire le dossier %(number)s", number=number)
    return LastAct(sentence, words, url_for("dossiers.show", number=number))


def _last_on_account(session: Session, person_id: int) -> LastAct | None:
    found = session.get(Person, person_id)
    if found is None:
        return None
    kinds = ("account:deactivated", "account:reactivated", "account:roles_changed")
    sentence = answering.what_happened_in_house(session, *kinds, email=found.email)
    address = url_for("people.show", person_id=person_id)
    return LastAct(sentence, _("Relire le compte de %(name)s", name=found.name), address)


def _http_error(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    if status >= 500:
        return _breakdown(error)
    code = _HTTP_CODES.get(status, str(status))
    page, _status = error_page(code if code in SENTENCES else "400", status)
    kept_headers = ("Allow", "Retry-After")
    headers = [(k, v) for k, v in error.get_headers() if k in kept_headers]
    return page, status, headers


def _breakdown(error: HTTPException) -> tuple[str, int]:
    reference = token_hex(4)
    # Flask has logged the exception itself, just before.
    current_app.logger.error("reference %s: %s at %s", reference, error.name, request.path)
    return error_page("500", 500, reference=reference)


def _known_code(kind: type[JalonError]) -> str:
    codes = (parent.__dict__.get("code") for parent in kind.__mro__)
    return next((code for code in codes if code in SENTENCES), "error")


def _typed_texts(status: int) -> list[str]:
    # A body that was too large is not read again.
    if request.method != "POST" or status == 413:
        return []
    return typed_texts()
