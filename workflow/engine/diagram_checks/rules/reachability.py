"""Paths: what is drawn can be reached, and leads to an end."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import Node, Scope
from workflow.engine.diagram_checks.rule import Finding, at, label, rule


def _what(scope: Scope) -> tuple[str, str]:
    """How French and English sentences call the scope."""
    if scope.owner is None:
        return f"Le processus « {scope.id} »", f'The process "{scope.id}"'
    name = label(scope.owner)
    return f"Le sous-processus « {name} »", f'The sub-process "{name}"'


@rule("missing_process")
def missing_processes(deployment: Deployment) -> Iterator[Finding]:
    """A diagram draws at least one process."""
    for document in deployment.documents:
        if not document.processes:
            yield Finding(
                document,
                document.root,
                "Le fichier ne dessine aucun processus.",
                "Dessinez-en un, ou retirez le fichier.",
                "The file draws no process.",
                "Draw one, or remove the file.",
            )


@rule("missing_start")
def missing_starts(deployment: Deployment) -> Iterator[Finding]:
    """A process, and a sub-process, has a start event."""
    for scope in deployment.scopes():
        if not any(node.kind == "startEvent" for node in scope.nodes):
            french, english = _what(scope)
            yield at(
                scope,
                f"{french} n'a pas d'événement de début.",
                "Ajoutez un événement de début.",
                f"{english} has no start event.",
                "Add a start event.",
            )


@rule("several_starts")
def several_starts(deployment: Deployment) -> Iterator[Finding]:
    """At most one start event waits for nothing: several would all start at once."""
    for scope in deployment.scopes():
        plain = [n for n in scope.nodes if n.kind == "startEvent" and not n.definitions]
        for node in plain[1:]:
            french, english = _what(scope)
            yield at(
                node,
                f"{french} a plusieurs débuts, qui partiraient tous en même temps.",
                "Gardez un début et faites-en partir une passerelle.",
                f"{english} has several starts, which would all start at once.",
                "Keep one start and let a gateway follow it.",
            )


@rule("missing_end")
def missing_ends(deployment: Deployment) -> Iterator[Finding]:
    """A process, and a sub-process, has an end event."""
    for scope in deployment.scopes():
        if not any(node.kind == "endEvent" for node in scope.nodes):
            french, english = _what(scope)
            yield at(
                scope,
                f"{french} n'a pas d'événement de fin.",
                "Ajoutez un événement de fin là où le chemin s'arrête.",
                f"{english} has no end event.",
                "Add an end event where the path stops.",
            )


@rule("dead_end")
def dead_ends(deployment: Deployment) -> Iterator[Finding]:
    """A node that is not an end event leads somewhere."""
    for node in deployment.nodes():
        if node.kind != "endEvent" and not node.outgoing and not _stands_apart(node):
            yield at(
                node,
                f"« {label(node)} » ne mène nulle part.",
                "Tracez la flèche qui en sort, au besoin vers un événement de fin.",
                f'"{label(node)}" leads nowhere.',
                "Draw the arrow that leaves it, to an end event if need be.",
            )


@rule("unreachable")
def unreachable_nodes(deployment: Deployment) -> Iterator[Finding]:
    """Every node can be reached from a start event, or from what happens on a boundary."""
    for scope in deployment.scopes():
        if not any(node.kind == "startEvent" for node in scope.nodes):
            continue
        reached = _reached(scope)
        for node in scope.nodes:
            if node not in reached and not _stands_apart(node):
                yield at(
                    node,
                    f"« {label(node)} » n'est atteint par aucun chemin.",
                    "Reliez-le, ou supprimez-le.",
                    f'"{label(node)}" is reached by no path.',
                    "Connect it, or delete it.",
                )


def _stands_apart(node: Node) -> bool:
    """Event sub-processes and compensation are refused for what they are."""
    return (
        node.element.get("triggeredByEvent", "").strip() in {"true", "1"}
        or node.element.get("isForCompensation") == "true"
        or node.definition == "compensate"
    )


def _hangs_loose(node: Node, by_id: dict[str, Node]) -> bool:
    """A boundary event attached to nothing is refused for that; what follows it is not."""
    return node.kind == "boundaryEvent" and node.host not in by_id


def _reached(scope: Scope) -> set[Node]:
    by_id = {node.id: node for node in reversed(scope.nodes)}
    waiting = [n for n in scope.nodes if n.kind == "startEvent" or _hangs_loose(n, by_id)]
    reached: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node in reached:
            continue
        reached.add(node)
        waiting.extend(by_id[f.target] for f in node.outgoing if f.target in by_id)
        waiting.extend(scope.boundaries(node))
    return reached
