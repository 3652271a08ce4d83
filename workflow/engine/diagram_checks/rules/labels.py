"""Labels: what people read on the diagram."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import TASKS, UNSUPPORTED, Flow, Node
from workflow.engine.diagram_checks.rule import Finding, at, rule

_IDENTIFIER = re.compile(r"[A-Za-z0-9]+(_[A-Za-z0-9]+)+")
_ALWAYS = TASKS | UNSUPPORTED | {"callActivity", "subProcess"}


def _needs_label(node: Node) -> bool:
    """Tasks, calls, sub-processes, events with a definition, ends of a process, splits."""
    return (
        node.kind in _ALWAYS
        or bool(node.definitions)
        or (node.kind == "endEvent" and node.scope.owner is None)
        or (node.kind.endswith("Gateway") and len(node.outgoing) > 1)
    )


def _places(deployment: Deployment) -> Iterator[Node | Flow]:
    for node in deployment.nodes():
        if _needs_label(node):
            yield node
        if node.is_diverging_choice and len(node.outgoing) > 1:
            yield from node.outgoing


@rule("missing_label")
def missing_labels(deployment: Deployment) -> Iterator[Finding]:
    """What a reader must understand has a label: tasks, events, ends, splits and their flows."""
    for place in _places(deployment):
        if not place.name:
            yield at(
                place,
                f"L'élément « {place.id} » n'a pas de libellé.",
                "Donnez-lui un libellé en français, tel que le lira l'opérateur.",
                f'The element "{place.id}" has no label.',
                "Give it a label in French, as the operator will read it.",
            )
    for document in deployment.documents:
        for element in (*document.all("participant"), *document.all("lane")):
            if not element.get("name", "").strip():
                yield Finding(
                    document,
                    element,
                    f"Le bassin ou couloir « {element.get('id')} » n'a pas de nom.",
                    "Donnez-lui le nom français du processus ou du rôle.",
                    f'The pool or lane "{element.get("id")}" has no name.',
                    "Give it the French name of the process or of the role.",
                )


@rule("label_is_identifier")
def labels_that_are_identifiers(deployment: Deployment) -> Iterator[Finding]:
    """A label is words, not an identifier such as ``check_admissibility``."""
    for place in _places(deployment):
        if _IDENTIFIER.fullmatch(place.name):
            yield at(
                place,
                f"Le libellé « {place.name} » est un identifiant, pas des mots.",
                "Écrivez un libellé en français.",
                f'The label "{place.name}" is an identifier, not words.',
                "Write a label in French.",
            )
