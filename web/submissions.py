"""What changed in a proof file from one submission to the next, by the files' own hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask_babel.speaklater import LazyString
from flask_login import login_required
from sqlalchemy.orm import Session

from web.access import require_proof_reader, visible_dossier
from web.dossier_words import Look
from web.language import _, _l
from web.proof_words import names_of
from web.runtime import runtime
from web.signed_in import actor
from workflow.domain import dossier as dossiers
from workflow.domain import proof, requirement, submission
from workflow.domain.dossier import Dossier
from workflow.domain.proof import Proof
from workflow.domain.submission import Change, Submission
from workflow.errors import NotFound

part = Blueprint("submissions", __name__)

KINDS: dict[str, Look] = {
    submission.ADDED: Look(_l("Ajouté"), "mine", "diamond"),
    submission.REPLACED: Look(_l("Remplacé"), "wait", "warn"),
    submission.REMOVED: Look(_l("Retiré"), "alert", "minus"),
    submission.SAME: Look(_l("Identique"), "done", "check"),
}
REASONS: dict[str, LazyString] = {
    submission.FIRST: _l("Dépôt du dossier de preuves"),
    submission.REAPPLICATION: _l("Dépôt d'une nouvelle candidature"),
    submission.SOLICITATION: _l("Réponse à la sollicitation"),
    submission.LIFTING: _l("Dépôt des corrections"),
}


@dataclass(frozen=True)
class Comparison:
    """A version and what it is compared with; `previous` names another dossier."""

    submission: Submission
    earlier: Submission | None
    previous: str | None
    changes: list[Change]

    def count(self, kind: str) -> int:
        """How many expected proofs changed so."""
        return sum(change.kind == kind for change in self.changes)

    @property
    def told(self) -> list[Change]:
        """What is no longer as it was."""
        return [change for change in self.changes if change.kind != submission.SAME]

    @property
    def same(self) -> list[Change]:
        """What is as it was."""
        return [change for change in self.changes if change.kind == submission.SAME]


@part.get("/dossiers/<number>/preuves/versions")
@login_required
def index(number: str) -> Any:
    """The last version, compared with the one before."""
    with runtime().database.reading() as session:
        return _page(session, _readable(session, number), None)


@part.get("/dossiers/<number>/preuves/versions/<int(max=100000):version>")
@login_required
def show(number: str, version: int) -> Any:
    """One version, compared with the one before."""
    with runtime().database.reading() as session:
        return _page(session, _readable(session, number), version)


def _page(session: Session, dossier: Dossier, version: int | None) -> str:
    every = submission.of_dossier(session, dossier.id)
    wanted = [each for each in every if version in (None, each.number)]
    chosen = wanted[-1] if wanted else None
    if version is not None and chosen is None:
        raise NotFound(f"Expected version {version} of dossier {dossier.number} but there is none.")
    return render_template(
        "proofs/versions.html",
        dossier=dossier,
        versions=every,
        shown=None if chosen is None else _compared(session, dossier, chosen),
        files=_files(session, dossier),
        named=names_of(requirement.catalogue_of(session, dossier.catalogue_version_id)),
        kinds=KINDS,
        reason=reason_of,
    )


def _compared(session: Session, dossier: Dossier, chosen: Submission) -> Comparison:
    earlier = submission.before(session, chosen)
    previous = None
    if earlier is not None and earlier.dossier_id != dossier.id:
        previous = dossiers.get(session, earlier.dossier_id).number
    changes = submission.changes(submission.marks_of(earlier), submission.marks_of(chosen))
    return Comparison(chosen, earlier, previous, changes)


def _files(session: Session, dossier: Dossier) -> dict[str, Proof]:
    """The files that this person may open, by their hash."""
    return {each.sha256: each for each in proof.shown_to(session, dossier, actor())}


def _readable(session: Session, number: str) -> Dossier:
    dossier = visible_dossier(session, number, actor())
    require_proof_reader(dossier, actor())
    return dossier


def reason_of(found: Submission) -> str:
    """Why there is this version, in words."""
    words = str(REASONS[found.reason])
    if found.solicitation_number is None:
        return words
    return _("%(words)s %(number)s", words=words, number=found.solicitation_number)
