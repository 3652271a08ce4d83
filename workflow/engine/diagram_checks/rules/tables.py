"""Decision tables: those the engine can decide."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.rule import Finding, at, rule

_HIT_POLICIES = frozenset(
    {"UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"}
)
_AGGREGATORS = frozenset({"", "SUM", "COUNT", "MIN", "MAX"})


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
    """A decision is a table, of a known hit policy, that asks no other decision."""
    for decision in deployment.decisions():
        table = decision.table
        if table is not None and not decision.element.findall("{*}informationRequirement"):
            policy = table.get("hitPolicy", "UNIQUE")
            if policy in _HIT_POLICIES and table.get("aggregation", "") in _AGGREGATORS:
                continue
        yield at(
            decision,
            f"La décision « {decision.id} » n'est pas une table seule, ou sa règle de choix est "
            "inconnue.",
            "Faites-en une table de décision qui ne dépend d'aucune autre.",
            f'The decision "{decision.id}" is not a table by itself, or its hit policy is unknown.',
            "Make it a decision table that depends on no other.",
        )


@rule("table_shape")
def table_shapes(deployment: Deployment) -> Iterator[Finding]:
    """A table has named outputs, and each rule as many cells as there are columns."""
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
        if not names or len(set(names)) < len(names) or uneven:
            yield at(
                decision,
                f"La table « {decision.id} » n'a pas de sortie, en a deux de même nom, ou a une "
                "ligne qui n'a pas autant de cases que de colonnes.",
                "Nommez chaque sortie et complétez les lignes dans l'éditeur.",
                f'The table "{decision.id}" has no output, two of one name, or a rule '
                "with more or fewer cells than columns.",
                "Name each output and complete the rules in the editor.",
                element=uneven[0] if uneven else None,
            )
