"""What stands above each page of a dossier: its name, its flags, and the tabs with their counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from web.access import is_agency
from web.consultations import READERS as OPENINGS_READERS
from web.dossier_words import FLAGS, Look, end_look
from web.language import LazyString, _l
from web.presence import Around
from web.presence import note as note_presence
from web.runtime import system_now
from workflow.domain import read_mark, suspension
from workflow.domain.correction import Correction
from workflow.domain.dossier import Dossier, Flag
from workflow.domain.person import Actor
from workflow.domain.solicitation import Solicitation
from workflow.engine import presence
from workflow.engine.presence import Place

EXCHANGES = "dossiers.exchanges"
MOST_ROWS = 200
"""Flags of a dossier, by the colleagues who are there."""


@dataclass(frozen=True)
class DossierHead:
    """The dossier that a page is about."""

    dossier: Dossier
    is_held: bool
    """Whether the dossier is suspended: nothing is asked of anybody then."""
    previous: str | None
    """Number of the dossier that this one follows."""
    flags: list[Look]
    tabs: list[tuple[str, str, int | None, bool]]
    """Words, address, count when there is something, whether it is this page."""
    around: Around | None
    """The colleagues who are there too; None for whoever is not of the Agency."""

    @property
    def end(self) -> Look | None:
        """How the dossier ended."""
        return end_look(self.dossier.end) if self.dossier.end else None


@dataclass(frozen=True)
class _Page:
    endpoint: str
    label: LazyString
    is_for: Callable[[Actor], bool] = lambda _who: True


_PAGES = (
    _Page("dossiers.show", _l("Synthèse")),
    _Page(EXCHANGES, _l("Échanges")),
    _Page("dossiers.documents", _l("Documents")),
    _Page("dates.show", _l("Dates")),
    _Page("history.dossier", _l("Historique"), is_agency),
    _Page("desk.internal", _l("Interne"), is_agency),
    _Page(
        "consultations.index",
        _l("Consultations"),
        lambda who: bool(who.roles & set(OPENINGS_READERS)),
    ),
)


def head_of(session: Session, dossier: Dossier, who: Actor) -> DossierHead:
    """The head of a dossier that this person may read, in one statement; the reader is noted."""
    if presence.is_told_of(who):
        note_presence(Place(dossier.id), who)
    before, seen = aliased(Dossier), presence.seen_there(who, system_now())
    asked = select(func.count()).where(Solicitation.dossier_id == dossier.id).scalar_subquery()
    corrected = select(func.count()).where(Correction.dossier_id == dossier.id).scalar_subquery()
    query = (
        select(
            before.number,
            asked + corrected,
            suspension.is_held(Dossier.id),
            Flag.flag,
            read_mark.is_behind(who, Dossier.id).label("is_behind"),
        )
        .select_from(Dossier)
        .outerjoin(before, before.id == Dossier.previous_dossier_id)
        .outerjoin(Flag, Flag.dossier_id == Dossier.id)
        .where(Dossier.id == dossier.id)
        .order_by(Flag.raised_at)
    )
    if presence.is_told_of(who):
        query = query.outerjoin(seen, seen.c.dossier_id == Dossier.id).add_columns(*seen.c)
    rows = session.execute(query.limit(MOST_ROWS)).all()
    previous, exchanges, is_held = rows[0][:3]
    g.jalon_reads_news = bool(rows[0].is_behind)
    raised = dict.fromkeys(row.flag for row in rows)
    return DossierHead(
        dossier,
        is_held,
        previous,
        [FLAGS[flag] for flag in raised if flag in FLAGS],
        _tabs(dossier.number, who, exchanges),
        _around(dossier, who, rows),
    )


def _around(dossier: Dossier, who: Actor, rows: Sequence[Any]) -> Around | None:
    if not presence.is_told_of(who):
        return None
    return Around(dossier.number, "", presence.told_of_rows(rows))


def _tabs(number: str, who: Actor, exchanges: int) -> list[tuple[str, str, int | None, bool]]:
    return [
        (
            str(page.label),
            _address(page.endpoint, number),
            exchanges if page.endpoint == EXCHANGES and exchanges else None,
            request.endpoint == page.endpoint,
        )
        for page in _PAGES
        if page.is_for(who)
    ]


def _address(endpoint: str, number: str) -> str:
    if endpoint == "consultations.index":
        return url_for(endpoint, dossier=number)
    return url_for(endpoint, number=number)
