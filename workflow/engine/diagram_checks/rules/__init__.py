"""One function per rule; importing this package declares them all."""

from workflow.engine.diagram_checks.rules import (
    drawing,
    elements,
    errors,
    events,
    expressions,
    flows,
    identity,
    labels,
    names,
    places,
    processes,
    reachability,
    roles,
    tables,
    tasks,
    timers,
)

__all__ = [
    "drawing",
    "elements",
    "errors",
    "events",
    "expressions",
    "flows",
    "identity",
    "labels",
    "names",
    "places",
    "processes",
    "reachability",
    "roles",
    "tables",
    "tasks",
    "timers",
]
