"""What a request works with: the runtime, and the machine's clock for tokens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

RUNTIME = "jalon"
SYSTEM_CLOCK = "jalon_system_clock"


def runtime() -> Runtime:
    """What this application runs dossiers with."""
    return current_app.extensions[RUNTIME]


def system_now() -> datetime:
    """The present on the machine's clock: tokens, never the procedure."""
    return current_app.extensions[SYSTEM_CLOCK].now()
