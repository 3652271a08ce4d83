"""Decision tables: those the engine can decide."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.rule import Finding, at, rule
from workflow.feel.hit_policies import HIT_POLICIES

_TYPES = frozenset(
    {
        "Any", "string", "number", "boolean", "date", "time", "dateTime", "date and time",
        "dayTimeDuration", "days and time duration", "yearMonthDuration",
        "years and months duration", "list", "context",
    }
)  # fmt: skip
"""The types of FEEL, by the names the standard and the editors give them."""


@rule("missing_decision")
def missing_decisions(deployment: Deployment) -> Iterator[Finding]:
    """A DMN file holds at least one decision."""
    for document in deployment.tables:
        if not document.decisions:
            yield Finding(
                document,
                document.root,
                "Le fichier ne contient aucune décision.",
                "Ajoutez une table de décision, ou retirez le fichier.",
                "The file holds no decision.",
                "Add a decision table, or remove the file.",
            )


@rule("unsupported_decision")
def unsupported_decisions(deployment: Deployment) -> Iterator[Finding]:
    """A decision is one table, of a known hit policy, that asks no other decision."""
    for decision in deployment.decisions():
        tables = decision.element.findall("{*}decisionTable")
        asks = decision.element.find("{*}informationRequirement") is not None
        if len(tables) == 1 and not asks and _can_choose(tables[0]):
            continue
        yield at(
            decision,
            f"La décision « {decision.id} » n'est pas une table seule, ou sa règle de choix est "
            "inconnue.",
            "Faites-en une table de décision qui ne dépend d'aucune autre.",
            f'The decision "{decision.id}" is not a table by itself, or its hit policy is unknown.',
            "Make it a decision table that depends on no other.",
        )


def _can_choose(table: etree._Element) -> bool:
    """Whether the engine knows the hit policy; an aggregation is of one output."""
    policy = table.get("hitPolicy") or "UNIQUE", table.get("aggregation")
    single = policy[1] is None or len(table.findall("{*}output")) == 1
    return policy in HIT_POLICIES and single


@rule("table_without_rule")
def tables_without_rule(deployment: Deployment) -> Iterator[Finding]:
    """A table has a rule at least: without any it answers nothing, whatever it is asked."""
    for decision in deployment.decisions():
        if decision.table is not None and decision.table.find("{*}rule") is None:
            yield at(
                decision,
                f"La table « {decision.id} » n'a aucune règle.",
                "Ajoutez une ligne à la table.",
                f'The table "{decision.id}" has no rule.',
                "Add a row to the table.",
            )


@rule("unknown_type")
def unknown_types(deployment: Deployment) -> Iterator[Finding]:
    """The type of a column is one of FEEL's, or one that the file defines."""
    for decision in deployment.decisions():
        own = {item.get("name") for item in decision.document.root.iter("{*}itemDefinition")}
        for element in decision.element.iter("{*}*"):
            written = element.get("typeRef")
            if written is None or written.removeprefix("feel:") in _TYPES or written in own:
                continue
            yield at(
                decision,
                f"Le type « {written} » de la table « {decision.id} » n'existe pas.",
                f"Choisissez parmi : {', '.join(sorted(_TYPES))}.",
                f'The type "{written}" in the table "{decision.id}" does not exist.',
                f"Choose among: {', '.join(sorted(_TYPES))}.",
                element=element,
            )


@rule("table_shape")
def table_shapes(deployment: Deployment) -> Iterator[Finding]:
    """A table has outputs, each named when there are several, and whole rules."""
    for decision in deployment.decisions():
        table = decision.table
        if table is None:
            continue
        names = decision.outputs
        inputs = len(table.findall("{*}input"))
        uneven = [
            r
            for r in table.findall("{*}rule")
            if len(r.findall("{*}inputEntry")) != inputs
            or len(r.findall("{*}outputEntry")) != len(names)
        ]
        if not names or len(set(names)) < len(names) or _lacks_a_name(table) or uneven:
            yield at(
                decision,
                f"La table « {decision.id} » n'a pas de sortie, en a deux de même nom ou une sans "
                "nom, ou a une ligne qui n'a pas autant de cases que de colonnes.",
                "Nommez chaque sortie et complétez les lignes dans l'éditeur.",
                f'The table "{decision.id}" has no output, two of one name, one without, or a '
                "rule with more or fewer cells than columns.",
                "Name each output and complete the rules in the editor.",
                element=uneven[0] if uneven else None,
            )


def _lacks_a_name(table: etree._Element) -> bool:
    """Whether an output is named by blanks, or is one of several and not named."""
    names = [output.get("name", "") for output in table.findall("{*}output")]
    return any(name != name.strip() for name in names) or (len(names) > 1 and not all(names))
