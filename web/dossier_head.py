"""What stands above each page of a dossier: its name, its flags, and the tabs with their counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from web.access import is_agency
from web.consultations import READERS as OPENINGS_READERS
from web.dossier_words import FLAGS, Look, end_look
from web.language import LazyString, _l
from workflow.domain import suspension
from workflow.domain.correction import Correction
from workflow.domain.dossier import Dossier, Flag
from workflow.domain.person import Actor
from workflow.domain.solicitation import Solicitation

EXCHANGES = "dossiers.exchanges"


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
    """The head of a dossier that this person may read, in one statement."""
    before = aliased(Dossier)
    asked = select(func.count()).where(Solicitation.dossier_id == dossier.id).scalar_subquery()
    corrected = select(func.count()).where(Correction.dossier_id == dossier.id).scalar_subquery()
    rows = session.execute(
        select(before.number, asked + corrected, suspension.is_held(Dossier.id), Flag.flag)
        .select_from(Dossier)
        .outerjoin(before, before.id == Dossier.previous_dossier_id)
        .outerjoin(Flag, Flag.dossier_id == Dossier.id)
        .where(Dossier.id == dossier.id)
        .order_by(Flag.raised_at)
    ).all()
    previous, exchanges, is_held, _flag = rows[0]
    flags = [FLAGS[row.flag] for row in rows if row.flag in FLAGS]
    tabs = _tabs(dossier.number, who, exchanges)
    return DossierHead(dossier, is_held, previous, flags, tabs)


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
