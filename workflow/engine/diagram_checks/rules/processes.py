"""Calls between processes, and how large what they unfold may be."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment, called_process
from workflow.engine.diagram_checks.graph import CHOOSING, Node, Scope
from workflow.engine.diagram_checks.rule import Finding, at, label, rule

MAX_PREDICTED = 2_000
"""Tasks the engine may hold at once for one dossier, those it predicts included."""

MAX_CALL_DEPTH = 100
"""Processes and sub-processes within one another."""


@rule("not_executable")
def processes_not_executable(deployment: Deployment) -> Iterator[Finding]:
    """A process is marked executable: the engine refuses to run another."""
    for document in deployment.documents:
        for process in document.processes:
            if process.element.get("isExecutable", "true") != "true":
                yield at(
                    process,
                    f"Le processus « {process.id} » n'est pas marqué comme exécutable.",
                    "Cochez « Exécutable » dans les propriétés du processus.",
                    f'The process "{process.id}" is not marked as executable.',
                    'Tick "Executable" in the properties of the process.',
                )


@rule("unknown_process")
def unknown_processes(deployment: Deployment) -> Iterator[Finding]:
    """A call activity calls a process of the deployment."""
    for node in deployment.nodes("callActivity"):
        if deployment.process(called_process(node)) is None:
            yield at(
                node,
                f"« {label(node)} » appelle le processus « {called_process(node)} », qui n'est "
                "pas dans le déploiement.",
                "Corrigez l'identifiant du processus appelé, ou ajoutez son diagramme.",
                f'"{label(node)}" calls the process "{called_process(node)}", which is not in the '
                "deployment.",
                "Correct the id of the called process, or add its diagram.",
            )


@rule("recursive_call")
def recursive_calls(deployment: Deployment) -> Iterator[Finding]:
    """A process calls neither itself nor one that calls it."""
    reached: dict[Scope, set[Scope]] = {}
    for node in deployment.nodes("callActivity"):
        process = node.scope.process
        target = deployment.process(called_process(node))
        if target is None:
            continue
        if target not in reached:
            reached[target] = set(deployment.reached_from(target))
        if process in reached[target]:
            yield at(
                node,
                f"« {label(node)} » finit par rappeler le processus « {process.id} » où il est "
                "dessiné.",
                "Remplacez le rappel par un retour en arrière dans le même processus.",
                f'"{label(node)}" ends up calling the process "{process.id}" it is drawn in.',
                "Replace the call by a path back within the same process.",
            )


@rule("task_explosion")
def task_explosions(deployment: Deployment) -> Iterator[Finding]:
    """A process unfolds to a bounded number of tasks.

    Each parallel block doubles what the engine predicts after it (ENGINE §1).
    """
    for document in deployment.documents:
        for process in document.processes:
            count = _predicted(deployment, process, frozenset())
            if count > MAX_PREDICTED:
                yield at(
                    process,
                    f"Le processus « {process.id} » se déplie en plus de {MAX_PREDICTED} tâches : "
                    "trop de blocs parallèles se suivent.",
                    "Mettez des blocs parallèles dans des processus appelés l'un après l'autre.",
                    f'The process "{process.id}" unfolds into more than {MAX_PREDICTED} tasks: '
                    "too many parallel blocks follow one another.",
                    "Put parallel blocks into processes called one after the other.",
                )


def _predicted(deployment: Deployment, scope: Scope, above: frozenset[Scope]) -> int:
    """The most tasks one passage through ``scope`` may hold, called processes included."""
    if scope in above:
        return 0
    if len(above) > MAX_CALL_DEPTH:
        return MAX_PREDICTED + 1
    starts = [n for n in scope.nodes if n.kind == "startEvent" or n.kind == "boundaryEvent"]
    after_choice = [
        target
        for node in scope.nodes
        if node.is_diverging_choice or node.kind == "eventBasedGateway"
        for flow in node.outgoing
        if (target := scope.find(flow.target)) is not None
    ]
    sizes: dict[Node, int] = {}
    total = 3 + max((_unfold(n, sizes, frozenset()) for n in [*starts, *after_choice]), default=0)
    for node in scope.nodes:
        inner = node.body
        if node.kind == "callActivity":
            inner = deployment.process(called_process(node))
        if inner is not None and total <= MAX_PREDICTED:
            total += _predicted(deployment, inner, above | {scope})
    return total


def _unfold(node: Node, sizes: dict[Node, int], above: frozenset[Node]) -> int:
    """The tasks predicted from ``node`` until the next choice, one per path that leads there."""
    if node in sizes:
        return sizes[node]
    if node in above:
        return MAX_PREDICTED + 1
    targets = [t for f in node.outgoing if (t := node.scope.find(f.target)) is not None]
    boundaries = len(node.scope.boundaries(node))
    size = 1 + (2 + 2 * boundaries if boundaries else 0)
    if node.kind in CHOOSING or node.kind == "eventBasedGateway":
        size += len(targets) if len(targets) > 1 else 0
        if len(targets) > 1:
            targets = []
    for target in targets:
        size += _unfold(target, sizes, above | {node})
    sizes[node] = min(size, MAX_PREDICTED + 1)
    return sizes[node]
