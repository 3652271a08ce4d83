"""Errors: an error end is caught by something that surrounds it, whoever the caller is."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment, called_process, calls
from workflow.engine.diagram_checks.graph import Node, Scope, definition_kind
from workflow.engine.diagram_checks.rule import Finding, at, label, rule


@rule("uncaught_error")
def uncaught_errors(deployment: Deployment) -> Iterator[Finding]:
    """An error end is caught on a boundary that encloses it, in every process that calls it."""
    callers: dict[str, list[Node]] = {}
    for process in deployment.every_process():
        for node in calls(process):
            callers.setdefault(called_process(node), []).append(node)
    for node in deployment.nodes("endEvent"):
        if node.definition == "error":
            code = _code(node)
            if code and _escapes(node.scope, code, callers):
                yield at(
                    node,
                    f"L'erreur « {code} » de la fin « {label(node)} » n'est attrapée par aucun "
                    "événement de bordure qui l'entoure.",
                    "Posez un événement de bordure de cette erreur sur l'appel ou le "
                    "sous-processus, dans chaque processus appelant.",
                    f'The error "{code}" of the end "{label(node)}" is caught by no boundary '
                    "event around it.",
                    "Put a boundary event of that error on the call or the sub-process, in every "
                    "calling process.",
                )


def _code(node: Node) -> str:
    error = node.document.referred(node.definitions[0], "errorRef")
    return "" if error is None else error.get("errorCode", "").strip()


def _escapes(scope: Scope, code: str, callers: dict[str, list[Node]]) -> bool:
    """Whether an error thrown in ``scope`` meets no boundary on some way up."""
    rising = [scope]
    seen: set[Scope] = set()
    while rising:
        current = rising.pop()
        if current in seen:
            continue
        seen.add(current)
        owner = current.owner
        around = callers.get(current.id, []) if owner is None else [owner]
        if not around:
            return True
        rising += [activity.scope for activity in around if not _catches(activity, code)]
    return False


def _catches(activity: Node, code: str) -> bool:
    for boundary in activity.scope.boundaries(activity):
        for definition in boundary.definitions:
            if definition_kind(definition) == "error" and (
                not definition.get("errorRef") or _code(boundary) == code
            ):
                return True
    return False
