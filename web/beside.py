"""What the tasks of processes beside the procedure are about, in a line."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.correction_words import FACTS
from web.language import _
from web.stakes import Stake
from workflow.domain.correction import Correction
from workflow.domain.support_question import SupportQuestion


def subjects(session: Session, stakes: Iterable[Stake]) -> dict[int, str]:
    """The subject of each question and correction among these tasks, by its instance."""
    ids = sorted({stake.task.instance_id for stake in stakes if stake.task.aside})
    if not ids:
        return {}
    asked = session.execute(
        select(SupportQuestion.instance_id, SupportQuestion.subject).where(
            SupportQuestion.instance_id.in_(ids)
        )
    )
    found = {row.instance_id: _("« %(subject)s »", subject=row.subject) for row in asked}
    proposed = session.execute(
        select(Correction.instance_id, Correction.fact).where(Correction.instance_id.in_(ids))
    )
    return found | {
        row.instance_id: _("L'ANS propose de corriger « %(fact)s ».", fact=str(FACTS[row.fact]))
        for row in proposed
    }
