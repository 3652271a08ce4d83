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
    reached: list[tuple[str, datetime | None, str | None]] = [
        (_("Déposé"), dossier.deposited_at, None),
        (
            _("Recevable"),
            dossier.admitted_at or (dossier.proof_file_opened_at if restarted else None),
            _("repris de la candidature précédente") if restarted else None,
        ),
        (_("Convention signée"), convention, None),
        (_("Preuves complètes"), dossier.complete_received_at, None),
        (_("Instruit"), dossier.instructed_at, None),
        (_("Décidé au collège"), dossier.decided_at, None),
        (_("Référencé"), view.listing.listed_at if view.listing else None, None),
    ]
    # Parallel branches: the first milestone not reached is where the dossier stands, or ended.
    here = next((index for index, (_label, at, _note) in enumerate(reached) if at is None), None)
    return [
        _step(view, label, at, note, index == here)
        for index, (label, at, note) in enumerate(reached)
    ]


def _step(
    view: DossierView, label: str, at: datetime | None, note: str | None, is_here: bool
) -> Step:
    dossier = view.dossier
    if at is not None:
        return label, note or date_words(at, now(), language(), weekday=False), "was"
    if is_here and dossier.ended_at is not None:
        return label, str(end_look(dossier.end or "").words).lower(), "bad"
    if is_here:
        suspended = view.clock is not None and not view.clock.is_running and not view.clock.is_over
        return label, _("décompte suspendu") if suspended else _("en cours"), "here"
    return label, None, "next"
