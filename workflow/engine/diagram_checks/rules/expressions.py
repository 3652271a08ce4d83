"""Expressions: they are FEEL, and scripts are contexts."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.feel_text import Expression, expressions
from workflow.engine.diagram_checks.feel_tree import ISO_TEXT, entries, tree
from workflow.engine.diagram_checks.graph import Flow, Node
from workflow.engine.diagram_checks.rule import Finding, at, label, rule
from workflow.feel import FeelLimitExceeded, FeelSyntaxError
from workflow.feel.parser import parse


def _refusal(expression: Expression) -> str | None:
    """What the parser says against the expression, None when it reads it."""
    if not expression.text:
        return None if expression.may_be_empty else "the text is empty"
    if expression.is_timer and ISO_TEXT.fullmatch(expression.text):
        return None
    try:
        parse(expression.text, expression.unary)
    except (FeelSyntaxError, FeelLimitExceeded) as refusal:
        return str(refusal)
    return None


def where(expression: Expression) -> tuple[str, str]:
    """How sentences call the expression: « La condition de « oui » »."""
    place = expression.place
    name = label(place) if isinstance(place, Node | Flow) else place.id
    return f"{expression.french} de « {name} »", f'The {expression.english} of "{name}"'


@rule("expression_syntax")
def expression_syntax(deployment: Deployment) -> Iterator[Finding]:
    """Every expression can be read as FEEL."""
    for expression in expressions(deployment):
        refusal = _refusal(expression)
        if refusal is not None:
            french, english = where(expression)
            shown = expression.text[:80]
            yield at(
                expression.place,
                f"{french} n'est pas une expression FEEL : « {shown} ».",
                "Corrigez l'expression ; un texte s'écrit entre guillemets, une égalité avec un "
                "seul signe =.",
                f'{english} is no FEEL expression: "{shown}" ({refusal}).',
                "Correct the expression; a text is written in quotes, an equality with a single "
                "= sign.",
                element=expression.element,
            )


@rule("script_not_context")
def scripts_not_context(deployment: Deployment) -> Iterator[Finding]:
    """A script is a FEEL context, whose entries become variables."""
    for expression in expressions(deployment):
        readable = expression.is_script and tree(expression.text) is not None
        if readable and entries(expression.text) is None:
            french, english = where(expression)
            yield at(
                expression.place,
                f"{french} n'est pas un contexte FEEL, de la forme {{nom: expression}}.",
                "Écrivez-le entre accolades ; chaque entrée devient une variable.",
                f"{english} is no FEEL context, of the form {{name: expression}}.",
                "Write it in braces; each entry becomes a variable.",
                element=expression.element,
            )
