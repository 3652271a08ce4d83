"""Events: which definitions the engine honours where."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import Node, definition_kind
from workflow.engine.diagram_checks.rule import Finding, at, label, rule

_ALLOWED = {
    "startEvent": {"", "message"},
    "endEvent": {"", "error", "escalation", "message", "terminate"},
    "intermediateCatchEvent": {"message", "timer", "conditional", "signal"},
    "intermediateThrowEvent": {"", "message", "signal", "escalation"},
    "boundaryEvent": {"message", "timer", "error", "conditional", "signal", "escalation"},
}
_PLACES = {
    "startEvent": ("un événement de début", "a start event"),
    "endEvent": ("un événement de fin", "an end event"),
    "intermediateCatchEvent": ("un événement attendu", "a catch event"),
    "intermediateThrowEvent": ("un événement émis", "a throw event"),
    "boundaryEvent": ("un événement de bordure", "a boundary event"),
}
_OTHER_RULES = {
    "endEvent": {"signal", "conditional"},
    "intermediateThrowEvent": {"conditional"},
    "intermediateCatchEvent": {"escalation"},
    "startEvent": {"escalation"},
}
"""Definitions refused there by a rule of their own, besides links and compensation."""


def _named_elsewhere(kind: str) -> set[str]:
    return {"link", "compensate"} | _OTHER_RULES.get(kind, set())


def _with_definition(deployment: Deployment, definition: str, *kinds: str) -> Iterator[Node]:
    for node in deployment.nodes(*kinds):
        if any(definition_kind(d) == definition for d in node.definitions):
            yield node


@rule("link_event")
def link_events(deployment: Deployment) -> Iterator[Finding]:
    """A link event is silently an empty event, so it is refused."""
    for node in _with_definition(deployment, "link"):
        yield at(
            node,
            f"« {label(node)} » est un événement lien, qui ne mènerait pas à son autre bout.",
            "Tracez la flèche entre les deux bouts, ou faites un processus appelé.",
            f'"{label(node)}" is a link event, which would not lead to its other end.',
            "Draw the arrow between both ends, or make a called process.",
        )


@rule("escalation_catch")
def escalation_catches(deployment: Deployment) -> Iterator[Finding]:
    """An escalation is caught on a boundary only; elsewhere it is silently an empty event."""
    kinds = ("intermediateCatchEvent", "startEvent")
    for node in _with_definition(deployment, "escalation", *kinds):
        yield at(
            node,
            f"« {label(node)} » attend une escalade, et la laisserait passer sans attendre.",
            "Posez l'escalade en événement de bordure sur l'activité qui l'émet.",
            f'"{label(node)}" waits for an escalation, and would pass without waiting.',
            "Put the escalation as a boundary event on the activity that throws it.",
        )


@rule("conditional_throw")
def conditional_throws(deployment: Deployment) -> Iterator[Finding]:
    """A condition is awaited, never thrown: thrown, it is silently an empty event."""
    kinds = ("intermediateThrowEvent", "endEvent")
    for node in _with_definition(deployment, "conditional", *kinds):
        yield at(
            node,
            f"« {label(node)} » émet une condition, ce qui n'aurait aucun effet.",
            "Attendez la condition, ou choisissez le chemin par une passerelle exclusive.",
            f'"{label(node)}" throws a condition, which would have no effect.',
            "Wait for the condition, or choose the path by an exclusive gateway.",
        )


@rule("signal_end")
def signal_ends(deployment: Deployment) -> Iterator[Finding]:
    """A signal end event is silently a plain end, so it is refused."""
    for node in _with_definition(deployment, "signal", "endEvent"):
        yield at(
            node,
            f"La fin « {label(node)} » n'émettrait pas son signal.",
            "Émettez le signal par un événement intermédiaire, puis finissez sans définition.",
            f'The end "{label(node)}" would not throw its signal.',
            "Throw the signal by an intermediate event, then end plainly.",
        )


@rule("unsupported_event")
def unsupported_events(deployment: Deployment) -> Iterator[Finding]:
    """An event has one definition, of a kind the engine honours where it stands."""
    for node in deployment.nodes(*_ALLOWED):
        found = [definition_kind(d) for d in node.definitions] or [""]
        wrong = [d for d in found if d not in _ALLOWED[node.kind] | _named_elsewhere(node.kind)]
        references = node.element.findall("{*}eventDefinitionRef")
        if wrong or len(found) > 1 or references:
            french, english = _PLACES[node.kind]
            allowed = ", ".join(sorted(d or "none" for d in _ALLOWED[node.kind]))
            said = " + ".join(d or "none" for d in found)
            yield at(
                node,
                f"« {label(node)} » est {french} de définition « {said} », que le moteur "
                "n'exécute pas.",
                f"Gardez une seule définition, parmi : {allowed}.",
                f'"{label(node)}" is {english} of definition "{said}", which the engine does not '
                "run.",
                f"Keep one definition, among: {allowed}.",
            )


@rule("error_boundary_not_interrupting")
def error_boundaries(deployment: Deployment) -> Iterator[Finding]:
    """An error on a boundary interrupts: what raised it has stopped."""
    for node in _with_definition(deployment, "error", "boundaryEvent"):
        if node.element.get("cancelActivity", "true").lower() == "false":
            yield at(
                node,
                f"L'erreur « {label(node)} » est dessinée sans interruption.",
                "Rendez l'événement de bordure interrompant.",
                f'The error "{label(node)}" is drawn as not interrupting.',
                "Make the boundary event interrupting.",
            )


@rule("message_without_name")
def messages_without_name(deployment: Deployment) -> Iterator[Finding]:
    """An event or task of message refers to a message that has a name."""
    tasks = deployment.nodes("sendTask", "receiveTask")
    places = [(node, node.element) for node in tasks]
    for node in deployment.nodes():
        places += [(node, d) for d in node.definitions if definition_kind(d) == "message"]
    for node, element in places:
        message = node.document.referred(element, "messageRef")
        if message is None or not message.get("name", "").strip():
            yield at(
                node,
                f"« {label(node)} » ne dit pas quel message il envoie ou attend.",
                "Choisissez un message, et donnez un nom à ce message.",
                f'"{label(node)}" does not say which message it sends or awaits.',
                "Choose a message, and give that message a name.",
            )


@rule("event_reference")
def event_references(deployment: Deployment) -> Iterator[Finding]:
    """An error, signal or escalation event refers to one that is declared with its code or name.

    A boundary without reference catches any of its kind.
    """
    wanted = {"error": "errorCode", "escalation": "escalationCode", "signal": "name"}
    for node in deployment.nodes():
        for definition in node.definitions:
            what = definition_kind(definition)
            if what not in wanted:
                continue
            attribute = f"{what}Ref"
            if node.kind == "boundaryEvent" and what != "signal" and not definition.get(attribute):
                continue
            target = node.document.referred(definition, attribute)
            if target is None or not target.get(wanted[what], "").strip():
                yield at(
                    node,
                    f"« {label(node)} » ne désigne aucun élément « {what} » qui ait un "
                    f"« {wanted[what]} ».",
                    f"Choisissez-en un et donnez-lui un « {wanted[what]} ».",
                    f'"{label(node)}" names no "{what}" that has a "{wanted[what]}".',
                    f'Choose one and give it a "{wanted[what]}".',
                )
