"""The minutes of a session as they would be written now, and what stands against closing it.

Nothing is kept: the same words are written for good in the act that holds the session (DSR 4.5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.domain import agenda, attendance, minutes, recusal
from workflow.domain.attendance import Attendance
from workflow.domain.campaign import Campaign
from workflow.errors import InvalidAnswer


@dataclass(frozen=True, slots=True)
class MinutesPreview:
    """The text as it stands, how many decisions it holds, and every fault, in French."""

    text: str
    decisions: int
    faults: list[str]


def preview(
    session: Session,
    campaign: Campaign,
    number: int,
    at: datetime,
    *,
    left: Mapping[int, Sequence[str]],
    members: Sequence[str],
    partners: Sequence[Mapping[str, Any]],
    decisions: Sequence[Mapping[str, Any]],
    withheld: Collection[str] = (),
) -> MinutesPreview:
    """The minutes of session `number`, were it closed at `at` with what is typed so far.

    `left` are those who declared to leave, by dossier; `withheld` the numbers of the dossiers
    that whoever reads has no part in: their faults are not told either.
    """
    taken, faults = agenda.foreseen(session, campaign.id, decisions)
    if withheld:
        readable = [row for row in decisions if str(row.get("dossier")).strip() not in withheld]
        _taken, faults = agenda.foreseen(session, campaign.id, readable)
    try:
        present = attendance.read(members, partners, campaign)
    except InvalidAnswer as refusal:
        faults += _sentences(refusal)
        present = Attendance(tuple(members), ())
    taken = recusal.applied(taken, left, present.members)
    try:
        told = [each for each in taken if each.dossier.number not in withheld]
        attendance.require_quorum(present, told, campaign)
    except InvalidAnswer as refusal:
        faults += _sentences(refusal)
    text = minutes.text(campaign, number, at, present, taken, withheld)
    return MinutesPreview(text, len(taken), list(dict.fromkeys(faults)))


def _sentences(refusal: InvalidAnswer) -> list[str]:
    return [sentence for told in refusal.faults.values() for sentence in told]
