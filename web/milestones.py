"""The seven milestones of a dossier, from its facts: what the steps of its page show."""

from __future__ import annotations

from datetime import datetime

from web.dossier_view import DossierView
from web.dossier_words import end_look
from web.language import _, language
from web.runtime import now
from web.words import date_words

Step = tuple[str, str | None, str]
"""Label, note, and "was", "here", "next" or "bad"."""


def milestones(view: DossierView) -> list[Step]:
    """Deposit, admissibility, convention, proofs, instruction, college, listing."""
    dossier = view.dossier
    convention = view.convention.countersigned_at if view.convention else None
    restarted = dossier.previous_dossier_id is not None and dossier.proof_file_opened_at is not None
    reached = [
        (_("Dépôt"), _("Déposé"), dossier.deposited_at),
        (_("Recevabilité"), _("Recevable"), dossier.admitted_at),
        (_("Convention"), _("Convention signée"), convention),
        (_("Preuves"), _("Preuves complètes"), dossier.complete_received_at),
        (_("Instruction"), _("Instruit"), dossier.instructed_at),
        (_("Collège"), _("Décidé au collège"), dossier.decided_at),
        (_("Référencement"), _("Référencé"), view.listing.listed_at if view.listing else None),
    ]
    if restarted:
        again = _("reprise de la précédente")
        steps: list[Step] = [(_("Déposé"), _day(dossier.deposited_at), "was")]
        steps.append((_("Recevable"), again, "was"))
        return steps + _rest(view, reached[2:])
    return _rest(view, reached)


def _rest(view: DossierView, reached: list[tuple[str, str, datetime | None]]) -> list[Step]:
    missing = [index for index, (_noun, _done, at) in enumerate(reached) if at is None]
    first = missing[0] if missing else None
    dossier = view.dossier
    steps: list[Step] = []
    for index, (noun, done, at) in enumerate(reached):
        if at is not None:
            steps.append((done, _day(at), "was"))
        elif index == first and dossier.ended_at is not None:
            steps.append((noun, str(end_look(dossier.end or "").words).lower(), "bad"))
        elif dossier.ended_at is None and (index == first or _is_under_way(view, noun)):
            steps.append((noun, _progress(view, noun), "here"))
        else:
            steps.append((noun, None, "next"))
    return steps


def _is_under_way(view: DossierView, noun: str) -> bool:
    """The proofs and their instruction run beside the signature of the convention."""
    dossier = view.dossier
    if noun == _("Preuves"):
        return dossier.proof_file_opened_at is not None
    return noun == _("Instruction") and dossier.complete_received_at is not None


def _progress(view: DossierView, noun: str) -> str:
    suspended = view.clock is not None and not view.clock.is_running and not view.clock.is_over
    return _("suspendue") if noun == _("Instruction") and suspended else _("en cours")


def _day(at: datetime) -> str:
    return date_words(at, now(), language(), weekday=False)
