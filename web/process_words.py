"""How the elements of a drawing are called in its text twin, and what a process is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from web.language import _, _l
from workflow.engine.spiff import Element

_KINDS: dict[str, LazyString] = {
    "startEvent": _l("début"),
    "endEvent": _l("fin"),
    "task": _l("étape"),
    "userTask": _l("tâche"),
    "manualTask": _l("tâche hors de l'outil"),
    "scriptTask": _l("calcul automatique"),
    "serviceTask": _l("opération automatique"),
    "sendTask": _l("envoi"),
    "receiveTask": _l("attente d'un message"),
    "businessRuleTask": _l("table de décision"),
    "callActivity": _l("étapes d'un autre schéma"),
    "subProcess": _l("étapes groupées"),
    "exclusiveGateway": _l("choix"),
    "parallelGateway": _l("plusieurs branches à la fois"),
    "inclusiveGateway": _l("une ou plusieurs branches"),
    "eventBasedGateway": _l("le premier événement l'emporte"),
    "intermediateThrowEvent": _l("événement émis"),
    "intermediateCatchEvent": _l("attente"),
}
_WAITS: dict[str | None, LazyString] = {
    "timer": _l("attente d'une date"),
    "message": _l("attente d'un message"),
}
_ABOUT: dict[str, tuple[LazyString, LazyString]] = {
    "college_session": (_l("Prévoit une séance du collège."), _l("Clôt une séance du collège.")),
    "support_question": (_l("Ouvre une question au support."), _l("Clôt une question au support.")),
    "clerical_correction": (
        _l("Ouvre la correction d'une erreur matérielle."),
        _l("Clôt la correction d'une erreur matérielle."),
    ),
}
"""What the beginning and the end of a process beside the procedure itself mean."""
_ATTACHED: dict[str | None, LazyString] = {
    "timer": _l("À l'échéance"),
    "message": _l("À la réception du message"),
    "error": _l("Si l'étape finit par"),
    "escalation": _l("Si l'étape le signale"),
    "conditional": _l("Dès que"),
}


def kind_words(element: Element, *, joins: bool = False) -> str:
    """What an element is; `joins` tells a gateway where ways only come together."""
    if joins and element.kind.endswith("Gateway"):
        return _("jonction")
    if element.kind == "intermediateCatchEvent" and element.event in _WAITS:
        return str(_WAITS[element.event])
    return str(_KINDS.get(element.kind, element.kind))


def attached_words(element: Element) -> str:
    """When an event on the border of a step happens."""
    return str(_ATTACHED.get(element.event) or _("Si l'événement survient"))


def started(facts: Mapping[str, Any]) -> str:
    """The beginning of a process, as the history tells it."""
    about = _ABOUT.get(str(facts.get("process")))
    return str(about[0]) if about else _("Ouvre la procédure.")


def ended(facts: Mapping[str, Any]) -> str:
    """The end of a process, as the history tells it."""
    about = _ABOUT.get(str(facts.get("process")))
    return str(about[1]) if about else _("Clôt la procédure.")
