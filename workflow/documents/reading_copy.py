"""A reading copy of a receipt in English, drawn when it is asked for, without a seal.

The receipt itself is French and sealed; this copy says so, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow.documents import receipts, rendering
from workflow.documents.rendering import Frame
from workflow.documents.tongue import IN_ENGLISH
from workflow.domain.document import Document
from workflow.errors import NotFound


def has_copy(kind: str) -> bool:
    """Whether documents of this kind have a reading copy: receipts do, acts do not."""
    return kind in receipts.KINDS


def reading_copy(issued: Document, profiles: Mapping[str, str]) -> bytes:
    """The PDF of a receipt in English; raises NotFound on a document that is an act.

    `profiles` gives the English name of each profile, by the French one that the receipt says.
    """
    if not has_copy(issued.kind):
        raise NotFound(
            f"Expected a receipt but {issued.number} is an act, in French only. Read the document."
        )
    tongue = IN_ENGLISH
    frame = Frame(
        number=issued.number,
        above=tongue.say("Référencement {dsr}", dsr=issued.facts["dsr"]),
        date=tongue.day(issued.asked_at.isoformat()),
        at=issued.asked_at,
        check=(
            tongue.say(
                "Copie de lecture de {number}, sans cachet : seul le document scellé, en français,"
                " fait foi.",
                number=issued.number,
            ),
        ),
        language="en",
    )
    said = [profiles.get(each, each) for each in issued.facts["profiles"].split(", ")]
    facts = {**issued.facts, "profiles": ", ".join(said)}
    return rendering.draw(receipts.KINDS[issued.kind](facts, tongue), frame)
