"""From the tree to closures: one rule for each form of the grammar, registered by its class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from workflow.feel import syntax as s
from workflow.feel.errors import FeelLimitExceeded
from workflow.feel.limits import MAX_NESTING
from workflow.feel.scopes import Scope

Evaluate = Callable[[Scope], Any]
Test = Callable[[Scope, Any], "bool | None"]

N = TypeVar("N", bound=s.Node)

_RULES: dict[type[s.Node], Callable[[Any, Compiler], Evaluate]] = {}


def compiles(
    form: type[N],
) -> Callable[[Callable[[N, Compiler], Evaluate]], Callable[[N, Compiler], Evaluate]]:
    """Register the rule that turns nodes of class ``form`` into closures."""

    def register(rule: Callable[[N, Compiler], Evaluate]) -> Callable[[N, Compiler], Evaluate]:
        _RULES[form] = rule
        return rule

    return register


class Compiler:
    """Turns one tree into closures; counts its nodes, refuses one too deep."""

    def __init__(self, declared: frozenset[str]) -> None:
        self.declared = declared
        self.nodes = 0
        self._depth = 0

    def compile(self, node: s.Node) -> Evaluate:
        """The closure that evaluates ``node`` in a scope."""
        self.nodes += 1
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise FeelLimitExceeded(
                f"Expected expressions at most {MAX_NESTING} deep within one another but this one "
                "goes deeper. Split the expression."
            )
        closure = _RULES[type(node)](node, self)
        self._depth -= 1
        return closure

    def compile_weighed(self, node: s.Node) -> tuple[Evaluate, int]:
        """The closure of a loop's body, and the work one turn of it costs."""
        before = self.nodes
        closure = self.compile(node)
        return closure, self.nodes - before + 1


def declared_names(node: s.Node) -> frozenset[str]:
    """Every name that the expression itself binds somewhere: entries, variables, parameters."""
    found: set[str] = set()
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, s.ContextLiteral):
            found.update(key for key, _ in current.entries)
        elif isinstance(current, (s.Iteration, s.Parameter)):
            found.add(current.name)
        pending.extend(s.children(current))
    return frozenset(found)


def uses_input(node: s.Node) -> bool:
    """Whether ``?``, the value under test, occurs in the node."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, s.Name) and current.text == "?":
            return True
        pending.extend(s.children(current))
    return False
