"""The numbered minutes of a session: the text that is kept, in French (DSR 4.5).

Written in the act that holds the session, and never again: who sat, who was recused, what was
decided, why, and with which reservations.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from workflow.clock import PARIS
from workflow.domain import document
from workflow.domain.agenda import AWARD, NON_BLOCKING, Decision
from workflow.domain.attendance import Attendance
from workflow.domain.call import Call
from workflow.domain.campaign import Campaign
from workflow.domain.notification_texts import delay_named
from workflow.domain.reservation import LIFTING_DELAY

NATURE_WORDS = {"minor": "mineure", "major": "majeure"}
WITHHELD = "  Ce point se tient sans vous : sa décision ne vous est pas montrée."


def number(campaign: Campaign, session_number: int) -> str:
    """The number of a session's minutes, such as PV-2022-003."""
    return f"PV-{campaign.year}-{session_number:03d}"


def text(
    campaign: Campaign,
    session_number: int,
    held_at: datetime,
    attendance: Attendance,
    decisions: Sequence[Decision],
    withheld: Collection[str] = (),
) -> str:
    """The minutes of a session as it was held.

    What is decided on the dossiers numbered in `withheld` is kept from whoever reads a preview.
    """
    held = held_at.astimezone(PARIS)
    lines = [
        f"Procès-verbal {number(campaign, session_number)}",
        f"Collège technique, {campaign.dsr}, séance nº {session_number}",
        f"Tenue le {held:%d/%m/%Y} à {held:%H} h {held:%M}, heure de Paris.",
        "",
        f"Membres présents ({len(attendance.members)}, quorum {campaign.college.quorum}) :",
        *_listed(attendance.members),
        "",
        "Partenaires invités, sans voix :",
        *_listed([f"{each.name} ({each.organisation})" for each in attendance.partners]),
        "",
        f"Décisions : {len(decisions) or 'aucune'}.",
    ]
    for decision in decisions:
        lines += ["", _named(decision)]
        is_withheld = decision.dossier.number in withheld
        lines += [WITHHELD] if is_withheld else _decision(decision, campaign)
    return "\n".join(lines) + "\n"


def have_made(
    call: Call,
    session_id: int,
    session_number: int,
    attendance: Attendance,
    decisions: Sequence[Decision],
) -> None:
    """Have the PDF of the minutes of a session made, which is held in this call."""
    document.ask(
        call,
        document.MINUTES,
        _facts(call, session_number, attendance, decisions),
        session_id=session_id,
        number=number(call.campaign, session_number),
    )


def _facts(
    call: Call, session_number: int, attendance: Attendance, decisions: Sequence[Decision]
) -> dict[str, Any]:
    campaign, held_at = call.campaign, call.effective_at
    return {
        "dsr": campaign.dsr,
        "session": session_number,
        "held_at": held_at,
        "quorum": campaign.college.quorum,
        "members": list(attendance.members),
        "partners": [[each.organisation, each.name] for each in attendance.partners],
        "decisions": [
            {
                "dossier": each.dossier.number,
                "service": each.dossier.service_name,
                "service_version": each.dossier.service_version,
                "company": each.dossier.company_name,
                "outcome": each.outcome,
                "words": outcome_words(each, campaign),
                "reasons": each.reasons,
                "recused": list(each.recused),
                "no_conflict": list(each.no_conflict),
                "reservations": [
                    {"requirement": made.requirement, "nature": made.nature, "text": made.text}
                    for made in each.reservations
                ],
            }
            for each in decisions
        ],
    }


def outcome_words(decision: Decision, campaign: Campaign) -> str:
    """What was decided, in the words of DSR 4.5."""
    if decision.outcome == AWARD:
        return "sans réserve, le service est référencé en l’état"
    if decision.outcome == NON_BLOCKING:
        delay = delay_named(campaign, LIFTING_DELAY)
        return f"non attribution avec réserves non bloquantes, à corriger en {delay}"
    return "réserves bloquantes, non attribution"


def _named(decision: Decision) -> str:
    dossier = decision.dossier
    return (
        f"Dossier {dossier.number} : {dossier.service_name}, version {dossier.service_version},"
        f" {dossier.company_name}"
    )


def _decision(decision: Decision, campaign: Campaign) -> list[str]:
    lines = [f"  Décision : {outcome_words(decision, campaign)}."]
    if decision.reasons:
        lines.append(f"  Motifs : {decision.reasons}")
    for rank, wanted in enumerate(decision.reservations, start=1):
        nature = NATURE_WORDS[wanted.nature]
        lines.append(f"  Réserve {rank}, {nature}, exigence {wanted.requirement} : {wanted.text}")
    if decision.recused:
        lines.append(f"  Déportés, sans voix sur ce dossier : {', '.join(decision.recused)}.")
    if decision.no_conflict:
        declared = ", ".join(decision.no_conflict)
        lines.append(f"  Ont déclaré n’avoir aucun conflit d’intérêts : {declared}.")
    return lines


def _listed(names: Sequence[str]) -> list[str]:
    return [f"- {name}" for name in names] or ["- aucun"]
