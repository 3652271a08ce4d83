"""Elements the engine does not run as they are drawn."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import UNSUPPORTED
from workflow.engine.diagram_checks.reading import BPMN, kind, namespace
from workflow.engine.diagram_checks.rule import Finding, at, label, rule

_SUPPORTED_FR = (
    "Éléments admis : tâches utilisateur, de service, de script, de règle métier, d'envoi et de "
    "réception ; activités d'appel ; sous-processus ; passerelles exclusive, inclusive, "
    "parallèle et événementielle ; événements de début, de fin, intermédiaires et de bordure."
)
_SUPPORTED_EN = (
    "Supported: user, service, script, business rule, send and receive tasks; call activities; "
    "sub-processes; exclusive, inclusive, parallel and event-based gateways; start, end, "
    "intermediate and boundary events."
)
_BESIDE_NODES = frozenset(
    {
        "laneSet",
        "documentation",
        "extensionElements",
        "textAnnotation",
        "association",
        "group",
        "incoming",
        "outgoing",
        "standardLoopCharacteristics",
        "multiInstanceLoopCharacteristics",
    }
)
_TOP_LEVEL = frozenset(
    {
        "process",
        "collaboration",
        "message",
        "error",
        "escalation",
        "signal",
        "category",
        "itemDefinition",
        "extensionElements",
        "documentation",
    }
)
_IN_NODES = frozenset(
    {"ioSpecification", "dataInputAssociation", "dataOutputAssociation", "property"}
)


@rule("unsupported_element")
def unsupported_elements(deployment: Deployment) -> Iterator[Finding]:
    """An element the engine would refuse, ignore or leave waiting for ever is refused."""
    for document in deployment.documents:
        for element in document.root.iterchildren(f"{{{BPMN}}}*"):
            if kind(element) not in _TOP_LEVEL:
                yield _unsupported(document, element)
        for process in document.all("process"):
            if process.getparent() is not document.root:
                yield _unsupported(document, process)
    for scope in deployment.scopes():
        for other in scope.others:
            is_definition = kind(other).endswith("EventDefinition")
            if kind(other) not in _BESIDE_NODES and not is_definition:
                yield _unsupported(scope.document, other)
        for node in scope.nodes:
            if node.kind in UNSUPPORTED or _starts_instances(node.element):
                yield _unsupported(scope.document, node.element)
            for part in node.element.iterchildren(f"{{{BPMN}}}*"):
                if node.body is None and kind(part) in _IN_NODES:
                    yield _unsupported(scope.document, part)


def _starts_instances(element) -> bool:
    return element.get("instantiate") == "true" or element.get("eventGatewayType") == "Parallel"


def _unsupported(document, element) -> Finding:
    name = kind(element) if namespace(element) == BPMN else element.tag
    return Finding(
        document,
        element,
        f"L'élément « {name} » n'est pas pris en charge.",
        f"Redessinez-le autrement. {_SUPPORTED_FR}",
        f'The element "{name}" is not supported.',
        f"Draw it otherwise. {_SUPPORTED_EN}",
    )


@rule("event_subprocess")
def event_subprocesses(deployment: Deployment) -> Iterator[Finding]:
    """An event sub-process does not interrupt what it should, so it is refused."""
    for node in deployment.nodes("subProcess"):
        if node.element.get("triggeredByEvent", "").strip() in {"true", "1"}:
            yield at(
                node,
                f"« {label(node)} » est un sous-processus événementiel, qui n'interrompt pas "
                "ce qui l'entoure.",
                "Entourez la partie concernée d'un sous-processus et posez un événement de "
                "bordure dessus.",
                f'"{label(node)}" is an event sub-process, which does not interrupt what '
                "surrounds it.",
                "Wrap the part in a sub-process and put a boundary event on it.",
            )


@rule("compensation")
def compensations(deployment: Deployment) -> Iterator[Finding]:
    """Compensation, thrown, caught or attached, is silently ignored, so it is refused."""
    for node in deployment.nodes():
        compensates = any(kind(d) == "compensateEventDefinition" for d in node.definitions)
        if compensates or node.element.get("isForCompensation") == "true":
            yield at(
                node,
                f"« {label(node)} » demande une compensation, qui ne serait jamais exécutée.",
                "Dessinez le chemin d'annulation avec un flux ordinaire ou une fin d'erreur.",
                f'"{label(node)}" asks for compensation, which would never run.',
                "Draw the undoing path with an ordinary flow or an error end.",
            )


@rule("loop_without_condition")
def loops(deployment: Deployment) -> Iterator[Finding]:
    """A repeated activity says how often: a cardinality, or a condition to go on."""
    for node in deployment.nodes():
        for marker in node.element.iterchildren(f"{{{BPMN}}}*"):
            is_multiple = kind(marker) == "multiInstanceLoopCharacteristics"
            if not is_multiple and kind(marker) != "standardLoopCharacteristics":
                continue
            wanted = "loopCardinality" if is_multiple else "loopCondition"
            if marker.find(f"{{{BPMN}}}{wanted}") is None:
                yield at(
                    node,
                    f"« {label(node)} » se répète sans dire combien de fois.",
                    f"Donnez-lui un « {wanted} » en FEEL.",
                    f'"{label(node)}" repeats without saying how often.',
                    f'Give it a "{wanted}" in FEEL.',
                )
