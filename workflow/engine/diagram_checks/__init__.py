"""The checks of diagrams before they are deployed: every fault at once, in words.

``check`` never raises on what a file holds: a file that cannot be read is itself a fault.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workflow.engine.diagram_checks import rules
from workflow.engine.diagram_checks.checking import CODES, check_files, in_force_beside
from workflow.engine.diagram_checks.model import (
    CampaignShape,
    CheckContext,
    Fault,
    FormKeys,
    OperationShape,
)
from workflow.engine.source_file import SourceFile

__all__ = [
    "CODES",
    "CampaignShape",
    "CheckContext",
    "Fault",
    "FormKeys",
    "OperationShape",
    "SourceFile",
    "check",
    "in_force_beside",
    "rules",
]


def check(
    files: Sequence[SourceFile],
    context: CheckContext,
    *,
    only: Collection[str] | None = None,
) -> list[Fault]:
    """All faults of ``files`` taken as one deployment, by file, place in the file, then code.

    ``context.deployed`` completes the deployment: a file in force is left out when a checked file
    has its name. ``only`` keeps those codes.
    """
    return check_files(files, context, only)
