"""Ids and references: every element has an id, and every id names one element."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.reading import BPMN, SPIFF, kind, namespace
from workflow.engine.diagram_checks.rule import Finding, at, label, rule

_DECLARED = tuple(f"{{{BPMN}}}{name}" for name in ("message", "error", "escalation", "signal"))
"""What events refer to by its id."""


@rule("missing_id")
def missing_ids(deployment: Deployment) -> Iterator[Finding]:
    """Every process, node, flow, declaration and decision has an id, by which all else names it."""
    places = [
        *(p for d in deployment.documents for p in d.processes),
        *deployment.nodes(),
        *(flow for scope in deployment.scopes() for flow in scope.flows),
        *deployment.decisions(),
    ]
    for place in places:
        if not place.id.strip():
            yield at(
                place,
                "Un élément n'a pas d'identifiant.",
                "Donnez-lui un identifiant, par exemple verifier_dossier.",
                "An element has no id.",
                "Give it an id, for instance check_dossier.",
            )
    for document in deployment.documents:
        for declared in document.root.iterchildren(*_DECLARED):
            if not declared.get("id", "").strip():
                yield Finding(
                    document,
                    declared,
                    f"Un élément « {kind(declared)} » n'a pas d'identifiant.",
                    "Donnez-lui un identifiant, par exemple erreur_abandon.",
                    f'An element "{kind(declared)}" has no id.',
                    "Give it an id, for instance error_abandoned.",
                )


@rule("duplicate_id")
def duplicate_ids(deployment: Deployment) -> Iterator[Finding]:
    """An id names one element of its file only; extensions use ``id`` for names of their own."""
    for document in (*deployment.documents, *deployment.tables):
        seen: set[str] = set()
        for element in document.order:
            name = element.get("id", "")
            if not name or namespace(element) == SPIFF:
                continue
            if name in seen:
                yield Finding(
                    document,
                    element,
                    f"L'identifiant « {name} » est porté par plusieurs éléments du fichier.",
                    "Donnez à chacun le sien.",
                    f'The id "{name}" is borne by several elements of the file.',
                    "Give each its own.",
                )
            seen.add(name)


@rule("duplicate_process")
def duplicate_processes(deployment: Deployment) -> Iterator[Finding]:
    """A process id names one process of the whole deployment, told of each file that claims it."""
    files = _claimed_in((p.id, p.document.name) for p in deployment.every_process())
    for document in deployment.documents:
        for process in document.processes:
            others = files.get(process.id, set()) - {document.name}
            if others:
                found = ", ".join(sorted(others))
                yield at(
                    process,
                    f"Le processus « {process.id} » est défini aussi dans {found}.",
                    "Renommez l'un des deux, ou n'en déployez qu'un.",
                    f'The process "{process.id}" is also defined in {found}.',
                    "Rename one of them, or deploy one only.",
                )


@rule("duplicate_decision")
def duplicate_decisions(deployment: Deployment) -> Iterator[Finding]:
    """A decision id names one decision of the deployment, told of each file that claims it."""
    files = _claimed_in((d.id, d.document.name) for d in deployment.every_decision())
    for decision in deployment.decisions():
        others = files.get(decision.id, set()) - {decision.document.name}
        if others:
            found = ", ".join(sorted(others))
            yield at(
                decision,
                f"La décision « {decision.id} » est définie aussi dans {found}.",
                "Renommez l'une des deux, ou n'en déployez qu'une.",
                f'The decision "{decision.id}" is also defined in {found}.',
                "Rename one of them, or deploy one only.",
            )


def _claimed_in(claims: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The files that define each id."""
    files: dict[str, set[str]] = {}
    for name, file in claims:
        if name:
            files.setdefault(name, set()).add(file)
    return files


@rule("flow_reference")
def flow_references(deployment: Deployment) -> Iterator[Finding]:
    """A flow leaves one node and enters another of the same process or sub-process."""
    for scope in deployment.scopes():
        for flow in scope.flows:
            source, target = scope.find(flow.source), scope.find(flow.target)
            if source is None or target is None:
                lost = flow.source if source is None else flow.target
                yield at(
                    flow,
                    f"Le flux « {label(flow)} » désigne « {lost} », qui n'est pas un élément du "
                    "même processus.",
                    "Retracez la flèche entre deux éléments du même niveau.",
                    f'The flow "{label(flow)}" names "{lost}", which is no element of the same '
                    "process.",
                    "Draw the arrow again between two elements of the same level.",
                )
            elif source.kind == "endEvent" or target.kind in {"startEvent", "boundaryEvent"}:
                yield at(
                    flow,
                    f"Le flux « {label(flow)} » sort d'une fin, ou entre dans un début ou un "
                    "événement de bordure.",
                    "Retracez la flèche vers l'élément qui suit.",
                    f'The flow "{label(flow)}" leaves an end, or enters a start or a boundary '
                    "event.",
                    "Draw the arrow to the element that follows.",
                )


@rule("default_reference")
def default_references(deployment: Deployment) -> Iterator[Finding]:
    """The default flow of a node is one of the flows that leave it."""
    for node in deployment.nodes():
        default = node.element.get("default", "")
        if default and default not in {flow.id for flow in node.outgoing}:
            yield at(
                node,
                f"Le flux par défaut « {default} » ne sort pas de « {label(node)} ».",
                "Choisissez le flux par défaut parmi ceux qui en sortent.",
                f'The default flow "{default}" does not leave "{label(node)}".',
                "Choose the default flow among those that leave it.",
            )


@rule("boundary_attachment")
def boundary_attachments(deployment: Deployment) -> Iterator[Finding]:
    """A boundary event is attached to an activity of its own level."""
    activities = {"callActivity", "subProcess"}
    for node in deployment.nodes("boundaryEvent"):
        host = node.scope.find(node.host)
        if host is None or not (host.kind in activities or host.kind.endswith("Task")):
            yield at(
                node,
                f"L'événement de bordure « {label(node)} » n'est attaché à aucune activité : "
                f"« {node.host} ».",
                "Reposez-le sur la bordure d'une tâche, d'un appel ou d'un sous-processus du "
                "même niveau.",
                f'The boundary event "{label(node)}" is attached to no activity: "{node.host}".',
                "Put it back on the edge of a task, a call or a sub-process of the same level.",
            )
