"""Who opened what: for the auditor and the process owner, never for operators (DSR 4.7)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from web.forms_render import iso_date
from web.language import _, _l
from web.older_entries import asked_before
from web.runtime import runtime
from web.signed_in import requires_role
from web.standings import role_name
from workflow.clock import PARIS
from workflow.domain import access_record
from workflow.domain import dossier as dossiers
from workflow.domain.access_record import AccessFilters, AccessRecord
from workflow.domain.dossier import Dossier
from workflow.errors import InvalidAnswer

READERS = ("auditor", "process_owner")
PER_PAGE = 50
MOST_EXPORTED = 20_000
MOST_SEALS_SHOWN = 31
WHATS: dict[str, LazyString] = {
    "dossier": _l("Page du dossier"),
    "task": _l("Tâche"),
    "proofs": _l("Liste des preuves"),
    "proof": _l("Fichier de preuve"),
    "evidence": _l("Pièces d'une réserve"),
    "ssi": _l("Questionnaire SSI"),
    "history": _l("Historique"),
    "document": _l("Document"),
    "exchanges": _l("Échanges internes"),
    "session": _l("Séance du collège"),
    "export": _l("Export"),
}
WAYS: dict[str, LazyString] = {
    "page": _l("page"),
    "api": _l("API, en session"),
    "token": _l("API, par jeton"),
}
COLUMNS = ("instant", "horloge_procedure", "personne", "roles", "quoi", "dossier", "adresse")
COLUMNS += ("voie", "refuse")

part = Blueprint("consultations", __name__)


@part.get("/consultations")
@requires_role(*READERS)
def index() -> Any:
    """Openings, newest first, filtered; and whether the sealed days still hold."""
    before = asked_before()
    faults: dict[str, list[str]] = {}
    with runtime().database.reading() as session:
        try:
            filters = _filters(session)
        except InvalidAnswer as refusal:
            filters, faults = None, refusal.faults
        found = (
            access_record.listed(session, filters, before=before, limit=PER_PAGE + 1)
            if filters
            else []
        )
        shown = found[:PER_PAGE]
        more = shown[-1].id if len(found) > PER_PAGE else None
        page = render_template(
            "consultations/index.html",
            rows=shown,
            numbers=_numbers(session, shown),
            seals=access_record.verdicts(session, limit=MOST_SEALS_SHOWN),
            faults=faults,
            asked=_asked(),
            more=None if more is None else url_for(".index", **_asked(), avant=more),
            is_first=before is None,
            whats=WHATS,
            ways=WAYS,
            role_name=role_name,
        )
        return page, 422 if faults else 200


@part.get("/consultations.csv")
@requires_role(*READERS)
def export() -> Response:
    """The same openings as a table, the newest ones first, as far as a table goes."""
    with runtime().database.reading() as session:
        filters = _filters(session)
        rows = access_record.listed(session, filters, limit=MOST_EXPORTED)
        text = _as_csv(rows, _numbers(session, rows))
    return Response(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="consultations.csv"'},
    )


def _asked() -> dict[str, Any]:
    names = ("dossier", "personne", "quoi", "du", "au", "refus")
    given = {name: request.args.get(name, "").strip()[:100] for name in names}
    return {name: text for name, text in given.items() if text}


def _filters(session: Session) -> AccessFilters:
    """What the address asks for; raises InvalidAnswer by field."""
    asked, faults = _asked(), dict[str, list[str]]()
    dossier = None
    if "dossier" in asked:
        dossier = dossiers.find_by_number(session, asked["dossier"])
        if dossier is None:
            faults["dossier"] = [_("Aucun dossier ne porte ce numéro. Vérifiez-le.")]
    since, until = _day("du", faults), _day("au", faults)
    if faults:
        raise InvalidAnswer("Expected filters that can be read but found others.", faults)
    return AccessFilters(
        dossier_id=None if dossier is None else dossier.id,
        person=asked.get("personne"),
        what=asked["quoi"] if asked.get("quoi") in WHATS else None,
        since=since,
        until=None if until is None else until + timedelta(days=1),
        refused=True if "refus" in asked else None,
    )


def _day(name: str, faults: dict[str, list[str]]) -> datetime | None:
    text = _asked().get(name)
    if text is None:
        return None
    try:
        day = datetime.fromisoformat(iso_date(text)).date()
        return datetime.combine(day, time(), PARIS).astimezone(UTC)
    except (ValueError, OverflowError):
        faults[name] = [_("Cette date est mal écrite. Indiquez par exemple 07/11/2022.")]
        return None


def _numbers(session: Session, rows: Sequence[AccessRecord]) -> dict[int, str]:
    ids = sorted({row.dossier_id for row in rows if row.dossier_id is not None})
    numbers: dict[int, str] = {}
    for start in range(0, len(ids), 500):
        wanted = select(Dossier.id, Dossier.number).where(Dossier.id.in_(ids[start : start + 500]))
        numbers |= {row.id: row.number for row in session.execute(wanted)}
    return numbers


def _as_csv(rows: Sequence[AccessRecord], numbers: dict[int, str]) -> str:
    """As French spreadsheets read it: UTF-8 with its mark, semicolons."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            _inert(each)
            for each in (
                row.at.isoformat(),
                row.procedure_at.isoformat(),
                row.person_name,
                " ".join(row.roles),
                row.what,
                numbers.get(row.dossier_id or 0, ""),
                row.address,
                row.way,
                "oui" if row.refused else "non",
            )
        )
    return "\ufeff" + text.getvalue()


def _inert(cell: str) -> str:
    # A spreadsheet takes a cell that begins like this for a formula.
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
