"""The files that a plain form brings, each with the place that its field names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import flash, redirect, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from web.access import visible_dossier
from web.language import _, _n
from web.procedure_words import faults_in_words
from web.runtime import runtime
from web.signed_in import actor
from workflow.domain import dossier as dossiers
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import PIECE
from workflow.engine import reception
from workflow.engine.reception import Place
from workflow.errors import InvalidAnswer

MARK = "file."
MOST_FILES = 200


def attach_chosen(
    number: str,
    place_of: Callable[[str], Place | None],
    page: Callable[[Session, Dossier, list[str]], str],
    address: str,
) -> Any:
    """Attach the chosen files to a dossier, for its operator; then lead to `address`.

    `page` is shown again with what stands against them. Raises NotFound and NotAllowed.
    """
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        dossiers.require_party(session, dossier.id, "operator", actor())
        session.expunge_all()
    count, faults = _take(dossier.id, place_of)
    if faults:
        with runtime().database.reading() as session:
            return page(session, visible_dossier(session, number, actor()), faults), 422
    flash(_n("%(num)s fichier joint.", "%(num)s fichiers joints.", count), "done")
    return redirect(address, 303)


def _take(dossier_id: int, place_of: Callable[[str], Place | None]) -> tuple[int, list[str]]:
    """Take the chosen files all in one act; how many, or what stands against it.

    `place_of` reads the place from the end of a field's name; None when it names none.
    """
    files = list(_chosen(place_of))[:MOST_FILES]
    if not files:
        return 0, [_("Aucun fichier n'est choisi. Choisissez-en un.")]
    try:
        taken = reception.take(runtime(), actor(), dossier_id, files)
    except InvalidAnswer as refusal:
        return 0, [each for sentences in faults_in_words(refusal).values() for each in sentences]
    return len(taken), []


def _chosen(
    place_of: Callable[[str], Place | None],
) -> Iterator[tuple[Place, str, Iterable[bytes]]]:
    for name, files in request.files.lists():
        place = place_of(name.removeprefix(MARK)) if name.startswith(MARK) else None
        if place is not None:
            yield from ((place, each.filename, _pieces(each)) for each in files if each.filename)


def _pieces(file: FileStorage) -> Iterator[bytes]:
    while piece := file.stream.read(PIECE):
        yield piece
