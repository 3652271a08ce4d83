"""The runtime and the clocks, as the pages reach them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import current_app, g

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime


def runtime() -> Runtime:
    """What this application runs dossiers with."""
    return current_app.extensions["jalon"]


def memory() -> dict[str, Any]:
    """What this process keeps of the runtime's database from one request to another.

    Ids and marks mean something in one database only: another runtime begins with nothing.
    """
    kept: tuple[Runtime, dict[str, Any]] | None = current_app.extensions.get("jalon_memory")
    if kept is None or kept[0] is not runtime():
        kept = current_app.extensions["jalon_memory"] = (runtime(), {})
    return kept[1]


def now() -> datetime:
    """The instant of this request on the procedure's clock; the same all along the request."""
    if "now" not in g:
        g.now = runtime().clock.now()
    return g.now


def system_now() -> datetime:
    """The present on the machine's clock: sessions, tokens, limits."""
    return current_app.extensions["jalon_system_clock"].now()
