"""The list of rules, and how a rule says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import Document, Flow, Node, Scope
from workflow.engine.diagram_checks.tables import Decision, TableDocument


@dataclass(frozen=True)
class Finding:
    """Something wrong with one element, before the rule's code is put on it."""

    document: Document | TableDocument
    element: etree._Element
    message: str
    remedy: str
    message_en: str
    remedy_en: str


Rule = Callable[[Deployment], Iterator[Finding]]

RULES: dict[str, Rule] = {}
"""Every rule by its code, in the order the modules declare them."""


def rule(code: str) -> Callable[[Rule], Rule]:
    """Declare a function as the rule of that code; its docstring is the rule's sentence."""

    def declare(function: Rule) -> Rule:
        if code in RULES:
            raise ValueError(f"Expected one rule for each code but {code} is declared twice.")
        RULES[code] = function
        return function

    return declare


def at(
    place: Node | Flow | Scope | Decision,
    message: str,
    remedy: str,
    message_en: str,
    remedy_en: str,
    *,
    element: etree._Element | None = None,
) -> Finding:
    """A finding about ``place``, or about ``element`` within it."""
    document = place.scope.document if isinstance(place, Flow) else place.document
    spot = place.element if element is None else element
    return Finding(document, spot, message, remedy, message_en, remedy_en)


def label(place: Node | Flow) -> str:
    """How a sentence calls the element: its label, else its id."""
    return place.name or place.id or "?"
