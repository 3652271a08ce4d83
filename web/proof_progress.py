"""How far the proof files are that somebody prepares: counted, and what is missing first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from web.stakes import Stake
from workflow.domain.proof import Completeness
from workflow.domain.proof_progress import asked_by, completeness_of
from workflow.engine.runtime import Runtime

SUBMIT = "submit_proofs"
NAMED = 3
"""Requirements that are named; the others are counted."""
MOST_FILES = 10


@dataclass(frozen=True)
class ProofProgress:
    """How far one proof file is."""

    state: Completeness

    @property
    def percent(self) -> int:
        """For a bar, which never stands without its figures."""
        return 100 * self.state.provided // self.state.expected if self.state.expected else 100

    @property
    def first(self) -> list[str]:
        """The requirements that come first among those that lack a proof."""
        return list(dict.fromkeys(each.requirement_code for each in self.state.missing))[:NAMED]

    @property
    def others(self) -> int:
        """How many more requirements lack one."""
        codes = {each.requirement_code for each in self.state.missing}
        return len(codes) - len(self.first)


def of_stakes(
    session: Session, runtime: Runtime, stakes: Iterable[Stake]
) -> dict[int, ProofProgress]:
    """How far each proof file is that is to be submitted, by the dossier's id."""
    prepared = [
        stake.dossier
        for stake in stakes
        if stake.task.element_id == SUBMIT and stake.dossier is not None
    ]
    found = completeness_of(
        session,
        prepared[:MOST_FILES],
        lambda version: runtime.specs.proofs_asked(version, lambda: asked_by(session, version)),
    )
    return {dossier_id: ProofProgress(state) for dossier_id, state in found.items()}
