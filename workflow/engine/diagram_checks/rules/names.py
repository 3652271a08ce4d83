"""Names: an expression speaks only of what its dossier can know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workflow.engine.diagram_checks.deployment import CallTree, Deployment
from workflow.engine.diagram_checks.feel_text import (
    Expression,
    expressions_of_decision,
    expressions_of_process,
)
from workflow.engine.diagram_checks.feel_tree import (
    ISO_TEXT,
    entries,
    names_of_items,
    outer_functions,
    tree,
)
from workflow.engine.diagram_checks.graph import (
    Flow,
    Node,
    definition_kind,
    extension,
    form_key,
    operator,
    text,
)
from workflow.engine.diagram_checks.model import CampaignShape
from workflow.engine.diagram_checks.reading import BPMN, SPIFF
from workflow.engine.diagram_checks.rule import Finding, at, rule
from workflow.engine.diagram_checks.rules.expressions import where
from workflow.engine.diagram_checks.rules.tasks import operation
from workflow.feel import dotted_names, free_names
from workflow.feel.builtins import BUILTINS


@dataclass
class Vocabulary:
    """What the expressions of one call tree may name."""

    paths: dict[str, set[str] | None] = field(default_factory=dict[str, "set[str] | None"])
    """Each name, with the entries its value has; None when they are not declared."""

    def add(self, name: str, parts: set[str] | None = None) -> None:
        """Make ``name`` known; several declarations of one name add up."""
        if not name:
            return
        before = self.paths.get(name, set())
        self.paths[name] = None if before is None or parts is None else before | parts

    def knows(self, dotted: str) -> bool:
        """Whether ``deposit.deposited_at`` names something; of its own parts nothing is asked."""
        name, _, rest = dotted.partition(".")
        if name not in self.paths:
            return False
        parts = self.paths[name]
        return parts is None or not rest or rest.partition(".")[0] in parts

    def all(self) -> list[str]:
        """Every dotted name, for the remedy's list."""
        return sorted(
            f"{name}.{part}" if part else name
            for name, parts in self.paths.items()
            for part in sorted(parts or {""})
        )


@rule("unknown_name")
def unknown_names(deployment: Deployment) -> Iterator[Finding]:
    """An expression names form keys, results, script and table outputs, payloads, constants."""
    reported: set[tuple[int, str]] = set()
    checked = _checked(deployment)
    for tree_of_calls in deployment.trees():
        vocabulary = vocabulary_of(deployment, tree_of_calls)
        for expression in _expressions(tree_of_calls):
            if _document(expression) not in checked:
                continue
            for name in _unknown(expression, vocabulary):
                key = (id(expression.element), f"{expression.text} {name}")
                if key not in reported:
                    reported.add(key)
                    yield _finding(expression, name, tree_of_calls, vocabulary)


def _checked(deployment: Deployment) -> set[object]:
    return {*deployment.documents, *deployment.tables}


def _document(expression: Expression) -> object:
    place = expression.place
    return place.scope.document if isinstance(place, Flow) else place.document


def _expressions(tree_of_calls: CallTree) -> Iterator[Expression]:
    for process in tree_of_calls.processes:
        yield from expressions_of_process(process)
    for decision in tree_of_calls.decisions:
        yield from expressions_of_decision(decision)


def _unknown(expression: Expression, vocabulary: Vocabulary) -> list[str]:
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


def _finding(
    expression: Expression, name: str, tree_of_calls: CallTree, vocabulary: Vocabulary
) -> Finding:
    french, english = where(expression)
    known = ", ".join(vocabulary.all()[:40]) or "—"
    root = tree_of_calls.root.id
    return at(
        expression.place,
        f"{french} nomme « {name} », que rien ne définit dans la procédure « {root} ».",
        f"Corrigez le nom, ou déclarez-le. Noms connus : {known}.",
        f'{english} names "{name}", which nothing defines in the procedure "{root}".',
        f"Correct the name, or declare it. Known names: {known}.",
        element=expression.element,
    )


def vocabulary_of(deployment: Deployment, tree_of_calls: CallTree) -> Vocabulary:
    """All that the processes of a call tree define, whatever the order."""
    vocabulary = Vocabulary()
    _add_constants(vocabulary, deployment.context.campaigns)
    for node in tree_of_calls.nodes():
        _add_form(vocabulary, deployment, node)
        _add_result(vocabulary, deployment, node)
        _add_events(vocabulary, node)
        _add_loops(vocabulary, node)
    for process in tree_of_calls.processes:
        for expression in expressions_of_process(process):
            for key in (entries(expression.text) or []) if expression.is_script else []:
                vocabulary.add(key)
    for decision in tree_of_calls.decisions:
        for output in decision.outputs:
            vocabulary.add(output)
    return vocabulary


def _add_constants(vocabulary: Vocabulary, campaigns: Sequence[CampaignShape]) -> None:
    if campaigns:
        for dotted in frozenset.intersection(*(campaign.constants for campaign in campaigns)):
            name, _, rest = dotted.partition(".")
            vocabulary.add(name, {rest.partition(".")[0]} if rest else None)


def _add_form(vocabulary: Vocabulary, deployment: Deployment, node: Node) -> None:
    form = deployment.context.forms.get(form_key(node))
    for key in form.keys if form is not None else ():
        vocabulary.add(key)


def _add_result(vocabulary: Vocabulary, deployment: Deployment, node: Node) -> None:
    element = operator(node) if node.kind == "serviceTask" else None
    if element is not None:
        found = operation(deployment, node)
        vocabulary.add(
            element.get("resultVariable", "").strip(),
            None if found is None else set(found.outputs),
        )


def _add_events(vocabulary: Vocabulary, node: Node) -> None:
    """The payload of a message is declared by the property ``payload``: comma-separated names."""
    for name in node.properties.get("payload", "").split(","):
        vocabulary.add(name.strip())
    for definition in node.definitions:
        what = definition_kind(definition)
        declared = node.document.referred(definition, f"{what}Ref")
        for holder in (definition, declared):
            for local_name in ("messageVariable", "variableName"):
                for part in () if holder is None else holder.iter(f"{{{SPIFF}}}{local_name}"):
                    vocabulary.add(text(part))
    vocabulary.add(text(extension(node.element, "messageVariable")))


def _add_loops(vocabulary: Vocabulary, node: Node) -> None:
    for local_name in ("inputDataItem", "outputDataItem"):
        for item in node.element.iterfind(f"{{{BPMN}}}*/{{{BPMN}}}{local_name}"):
            vocabulary.add(item.get("name", "") or item.get("id", ""))


@rule("unknown_function")
def unknown_functions(deployment: Deployment) -> Iterator[Finding]:
    """An expression calls the functions of FEEL and those the engine lends, and no others."""
    lent = deployment.context.functions
    checked = _checked(deployment)
    seen: set[tuple[int, str]] = set()
    for tree_of_calls in deployment.trees():
        for expression in _expressions(tree_of_calls):
            root = tree(expression.text, expression.unary)
            called = set[str]() if root is None else outer_functions(root)
            for name in sorted(called - lent - BUILTINS.keys()):
                key = (id(expression.element), f"{expression.text} {name}")
                if key in seen or _document(expression) not in checked:
                    continue
                seen.add(key)
                french, english = where(expression)
                yield at(
                    expression.place,
                    f"{french} appelle la fonction « {name} », qui n'existe pas.",
                    "Choisissez une fonction de FEEL, ou « deadline ».",
                    f'{english} calls the function "{name}", which does not exist.',
                    'Choose a function of FEEL, or "deadline".',
                    element=expression.element,
                )
