"""The preview of a change: the list of dates by where they go, and what only follows later."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime

from flask import url_for

from web import campaign_words
from web.language import _
from web.runtime import now
from web.words import first_upper
from workflow.engine.parameters import Preview
from workflow.engine.running_dates import DateMove


def views(found: Preview, changes: str, chosen: str) -> list[tuple[str, str, int, bool]]:
    """The list by where the dates go: words, address, count, and whether it is shown."""

    def view(status: str, words: str, count: int) -> tuple[str, str, int, bool]:
        address = url_for(
            "parameters.preview",
            campaign_id=found.before.id,
            changes=changes,
            vue=status or None,
            _anchor="dates",
        )
        return words, address, count, status == chosen

    counted = [
        view(status, first_upper(str(words)), found.count(status))
        for status, (words, _shape, _tone) in campaign_words.STATUSES.items()
        if found.count(status)
    ]
    return [view("", _("Toutes"), len(found.moves)), *counted]


def future(found: Preview) -> list[str]:
    """What the change does besides: to deposits, and to dates that are not set yet."""
    paths = {str(each["path"]).split(".")[0] for each in found.changes}
    said: list[str] = []
    if paths & {"closes_at", "opens_at"}:
        said.append(_("La période de dépôt suit dans tous les cas."))
    if paths & {"delays", "closed_days", "holidays"}:
        said.append(_("Les dates fixées ensuite sont comptées avec les nouveaux paramètres."))
    if "college" in paths:
        said.append(_("Le quorum et les séances suivantes du collège suivent dans tous les cas."))
    return said


def as_csv(moves: Sequence[DateMove]) -> str:
    """The whole list, for a spreadsheet."""
    text = io.StringIO(newline="")
    table = csv.writer(text, delimiter=";", lineterminator="\r\n")
    table.writerow([_("Dossier"), _("Délai"), _("Avant"), _("Après"), _("Ce qui change")])
    for move in moves:
        table.writerow(
            [
                move.date.number or "",
                campaign_words.delay_name(move.date.key),
                _cell(move, move.date.record.last_day, move.date.due_at),
                _cell(move, move.last_day, move.due_at),
                campaign_words.STATUSES[move.status][0],
            ]
        )
    return text.getvalue()


def _cell(move: DateMove, last_day: date | None, due_at: datetime | None) -> str:
    day = None if move.date.is_reminder else last_day
    return campaign_words.moment_words(day, due_at, now())
