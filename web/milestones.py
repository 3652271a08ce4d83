"""The seven milestones of a dossier, from its facts: what the steps of its page show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.dossier_view import DossierView
from web.dossier_words import end_look
from web.language import _, language
from web.runtime import now
from web.words import date_words

Step = tuple[str, str | None, str]
"""Label, note, and "was", "here", "next" or "bad"."""


@dataclass(frozen=True)
class Milestone:
    """One milestone: its name before and after, when it was reached, and what is said of it.

    `begun` tells that it is under way whatever comes before it: branches run in parallel.
    """

    before: str
    after: str
    at: datetime | None
    begun: bool = False
    note: str | None = None


def milestones(view: DossierView) -> list[Step]:
    """Deposit, admissibility, convention, proofs, instruction, college, listing."""
    found = _milestones(view)
    first = next((milestone for milestone in found if milestone.at is None), None)
    return [_step(view, milestone, milestone is first) for milestone in found]


def _milestones(view: DossierView) -> list[Milestone]:
    dossier, clock = view.dossier, view.clock
    opened = dossier.proof_file_opened_at
    # A new attempt after a refusal begins at the proofs (DSR 4.5): it is not checked again.
    resumed = opened is not None and dossier.admitted_at is None
    again = _("reprise de la précédente") if resumed else None
    suspended = clock is not None and not clock.is_running and not clock.is_over
    received = dossier.complete_received_at is not None
    return [
        Milestone(_("Dépôt"), _("Déposé"), dossier.deposited_at),
        Milestone(
            _("Recevabilité"),
            _("Recevable"),
            opened if resumed else dossier.admitted_at,
            note=again,
        ),
        Milestone(
            _("Convention"),
            _("Convention signée"),
            view.convention.countersigned_at if view.convention else None,
        ),
        Milestone(
            _("Preuves"), _("Preuves complètes"), dossier.complete_received_at, opened is not None
        ),
        Milestone(
            _("Instruction"),
            _("Instruit"),
            dossier.instructed_at,
            received,
            _("suspendue") if suspended and dossier.instructed_at is None else None,
        ),
        Milestone(_("Collège"), _("Décidé au collège"), dossier.decided_at),
        Milestone(
            _("Référencement"),
            _("Référencé"),
            view.listing.listed_at if view.listing else None,
        ),
    ]


def _step(view: DossierView, milestone: Milestone, is_first: bool) -> Step:
    dossier = view.dossier
    if milestone.at is not None:
        day = date_words(milestone.at, now(), language(), weekday=False)
        return milestone.after, milestone.note or day, "was"
    if dossier.ended_at is not None:
        ended = str(end_look(dossier.end or "").words).lower()
        return (milestone.before, ended, "bad") if is_first else (milestone.before, None, "next")
    if is_first or milestone.begun:
        return milestone.before, milestone.note or _("en cours"), "here"
    return milestone.before, None, "next"
