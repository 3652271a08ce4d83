"""Names: an expression speaks only of what its dossier can know at that point."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import CallTree, Deployment, called_decision
from workflow.engine.diagram_checks.feel_text import (
    Expression,
    expressions,
    expressions_of_decision,
    expressions_of_process,
)
from workflow.engine.diagram_checks.feel_tree import (
    ISO_TEXT,
    names_of_items,
    outer_functions,
    tree,
)
from workflow.engine.diagram_checks.graph import Flow, Node
from workflow.engine.diagram_checks.knowledge import Knowledge
from workflow.engine.diagram_checks.rule import Finding, at, rule
from workflow.engine.diagram_checks.rules.expressions import where
from workflow.engine.diagram_checks.vocabulary import Vocabulary
from workflow.feel import dotted_names, free_names
from workflow.feel.builtins import BUILTINS


@rule("unknown_name")
def unknown_names(deployment: Deployment) -> Iterator[Finding]:
    """An expression names form keys, results, script and table outputs, payloads, constants."""
    checked = {*deployment.documents, *deployment.tables}
    reported: set[tuple[object, str, str]] = set()
    for calls in deployment.trees:
        knowledge = Knowledge(deployment, calls)
        for expression, vocabulary in _with_vocabulary(deployment, calls, knowledge):
            place = expression.place
            document = place.scope.document if isinstance(place, Flow) else place.document
            for name in unknown_in(expression, vocabulary) if document in checked else ():
                key = (expression.element, expression.text, name)
                if key not in reported:
                    reported.add(key)
                    yield _finding(expression, name, calls, vocabulary)


def _with_vocabulary(
    deployment: Deployment, calls: CallTree, knowledge: Knowledge
) -> Iterator[tuple[Expression, Vocabulary]]:
    """Each expression of the tree with what is known where it is evaluated."""
    for process in calls.processes:
        for expression in expressions_of_process(process):
            vocabulary = _where_evaluated(expression, knowledge)
            if vocabulary is not None:
                yield expression, vocabulary
    for node in calls.nodes():
        decision = deployment.decision(called_decision(node))
        vocabulary = knowledge.before(node)
        if decision is not None and vocabulary is not None:
            for expression in expressions_of_decision(decision):
                yield expression, vocabulary


def _where_evaluated(expression: Expression, knowledge: Knowledge) -> Vocabulary | None:
    place = expression.place
    if isinstance(place, Flow):
        source = place.scope.find(place.source)
        return None if source is None else knowledge.after(source)
    if not isinstance(place, Node):
        return None
    return knowledge.after(place) if expression.is_after else knowledge.before(place)


def unknown_in(expression: Expression, vocabulary: Vocabulary) -> list[str]:
    """The names and dotted names of an expression that ``vocabulary`` lacks."""
    written = expression.text
    root = tree(written, expression.unary)
    if root is None or (expression.is_timer and ISO_TEXT.fullmatch(written)):
        return []
    roots = free_names(written, unary=expression.unary) - names_of_items(root)
    lost = {name for name in roots if not vocabulary.knows(name)}
    for dotted in dotted_names(written, unary=expression.unary):
        name = dotted.partition(".")[0]
        if name in roots - lost and not vocabulary.knows(dotted):
            lost.add(dotted)
    return sorted(lost)


def _finding(expression: Expression, name: str, calls: CallTree, vocabulary: Vocabulary) -> Finding:
    french, english = where(expression)
    known = ", ".join(vocabulary.all()[:40]) or "—"
    root = calls.root.id
    return at(
        expression.place,
        f"{french} nomme « {name} », que rien ne définit à cet endroit de la procédure « {root} ».",
        f"Corrigez le nom, ou déclarez-le avant. Noms connus ici : {known}.",
        f'{english} names "{name}", which nothing defines at this point of the procedure "{root}".',
        f"Correct the name, or declare it before. Names known here: {known}.",
        element=expression.element,
    )


@rule("unknown_function")
def unknown_functions(deployment: Deployment) -> Iterator[Finding]:
    """An expression calls the functions of FEEL and those the engine lends, and no others."""
    known = deployment.context.functions | BUILTINS.keys()
    for expression in expressions(deployment):
        root = tree(expression.text, expression.unary)
        for name in sorted(outer_functions(root) - known) if root is not None else ():
            french, english = where(expression)
            yield at(
                expression.place,
                f"{french} appelle la fonction « {name} », qui n'existe pas.",
                "Choisissez une fonction de FEEL, ou « deadline ».",
                f'{english} calls the function "{name}", which does not exist.',
                'Choose a function of FEEL, or "deadline".',
                element=expression.element,
            )
