"""Who sits at a session of the college, and who may decide on which dossier (DSR 4.5).

Members vote; the Agency's partners are invited and do not. A member with a conflict of interest
is recused: that dossier's quorum is counted without them (DOMAIN P5). Where the Agency itself is
the candidate (DSR 4.1.1), each member present declares to have no conflict, or is recused.
[règles 24 67]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.domain.agenda import Decision
from workflow.domain.campaign import Campaign
from workflow.errors import InvalidAnswer

MOST_PARTNERS = 50
_SIREN = 9


@dataclass(frozen=True, slots=True)
class Partner:
    """Someone whom a partner of the Agency sends; present without a vote."""

    organisation: str
    name: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """The members and the invited partners of one session, each person once."""

    members: tuple[str, ...]
    partners: tuple[Partner, ...]


def read(
    members: Sequence[str] | None, partners: Sequence[Mapping[str, Any]] | None, campaign: Campaign
) -> Attendance:
    """The attendance as typed in; raises InvalidAnswer on a partner whom the campaign excludes."""
    present = tuple(sorted(_distinct(members or ()).values()))
    invited = tuple(
        Partner(_plain(row.get("organisation")), _plain(row.get("name")))
        for row in (partners or ())[:MOST_PARTNERS]
    )
    known = campaign.college.partners
    faults = [
        f"«\u00a0{each.organisation}\u00a0» n’est pas un partenaire du collège\u00a0:"
        f" {', '.join(known) or 'aucun'}."
        for each in invited
        if each.organisation not in known
    ]
    faults += ["Indiquez le nom de chaque partenaire." for each in invited if not each.name]
    seats = {_same(name) for name in present}
    faults += [
        f"{each.name} siège comme membre ou comme partenaire, pas les deux."
        for each in invited
        if _same(each.name) in seats
    ]
    if faults:
        raise InvalidAnswer(
            f"Expected partners of this college but {len(faults)} points stand against them."
            " Correct the partners.",
            {"partners": faults},
        )
    return Attendance(present, invited)


def require_quorum(attendance: Attendance, taken: Iterable[Decision], campaign: Campaign) -> None:
    """Raises InvalidAnswer unless enough members may decide on each dossier."""
    decisions = list(taken)
    present, quorum = len(attendance.members), campaign.college.quorum
    if decisions and present < quorum:
        raise InvalidAnswer(
            f"Expected {quorum} members but found {present}. Decide at the next session.",
            {
                "attendance": [
                    f"Le quorum de {quorum} membres n’est pas atteint. Présents\u00a0: {present}."
                ]
            },
        )
    faults = [
        f"Dossier {decision.dossier.number}\u00a0: {sentence}"
        for decision in decisions
        for sentence in _faults(attendance, decision, campaign)
    ]
    if faults:
        raise InvalidAnswer(
            f"Expected members free to decide but {len(faults)} points stand against it."
            " Correct the recusals, or decide at the next session.",
            {"decisions": faults},
        )


def is_agency(siret: str, campaign: Campaign) -> bool:
    """Whether a candidate is the Agency itself, judge and candidate (DSR 4.1.1)."""
    return siret[:_SIREN] in campaign.agency_sirens


def _faults(attendance: Attendance, decision: Decision, campaign: Campaign) -> list[str]:
    members = _distinct(attendance.members)
    everyone = {**members, **_distinct(each.name for each in attendance.partners)}
    recused, free = _distinct(decision.recused), _distinct(decision.no_conflict)
    # A recusal that names nobody present is a typing error: it would leave a conflict in the vote.
    faults = [f"{recused[key]} se déporte sans être présent." for key in recused.keys() - everyone]
    faults += [
        f"{recused[key]} ne peut à la fois se déporter et déclarer n’avoir aucun conflit."
        for key in recused.keys() & free.keys()
    ]
    voting = len(members.keys() - recused.keys())
    if voting < campaign.college.quorum:
        faults.append(
            f"le quorum de {campaign.college.quorum} membres n’est pas atteint après"
            f" déport\u00a0: {voting} voix."
        )
    if is_agency(decision.dossier.siret, campaign):
        silent = sorted(members[key] for key in members.keys() - recused.keys() - free.keys())
        faults += [
            "l’Agence est candidate, chaque membre présent déclare n’avoir aucun conflit"
            f" d’intérêts ou se déporte\u00a0: {name} ne l’a pas fait."
            for name in silent
        ]
    return sorted(faults)


def _distinct(names: Iterable[str]) -> dict[str, str]:
    """Names by what makes two spellings one person: neither capitals nor spaces."""
    found: dict[str, str] = {}
    for name in names:
        if written := _plain(name):
            found.setdefault(_same(written), written)
    return found


def _same(name: str) -> str:
    return " ".join(name.split()).casefold()


def _plain(value: object) -> str:
    return " ".join(str(value or "").split())
