"""A decision table as a DMN file writes it; any namespace from DMN 1.1 to 1.5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from workflow.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """The texts of a table: outputs are (name, allowed values, default), rows (tests, results)."""

    name: str
    inputs: list[str]
    outputs: list[tuple[str, str, str]]
    rules: list[tuple[list[str], list[str]]]
    hit_policy: str
    aggregation: str | None


def read_table(decision: etree._Element) -> WrittenTable:
    """The texts of the ``<decisionTable>`` within ``decision``, or of a table given itself.

    Raises InvalidInput when there is none.
    """
    table = _table_of(decision)
    variable = decision.find("{*}variable")
    name = decision.get("name") or decision.get("id") or ""
    single = (variable.get("name") if variable is not None else None) or name
    outputs = list(table.iterfind("{*}output"))
    return WrittenTable(
        name=name,
        inputs=[_text(column, "{*}inputExpression/{*}text") for column in _inputs(table)],
        outputs=[
            (
                column.get("name") or single,
                _text(column, "{*}outputValues/{*}text"),
                _text(column, "{*}defaultOutputEntry/{*}text"),
            )
            for column in outputs
        ],
        rules=[
            (_texts(rule, "{*}inputEntry"), _texts(rule, "{*}outputEntry"))
            for rule in table.iterfind("{*}rule")
        ],
        hit_policy=table.get("hitPolicy") or "UNIQUE",
        aggregation=table.get("aggregation"),
    )


def _table_of(decision: etree._Element) -> etree._Element:
    if etree.QName(decision).localname == "decisionTable":
        return decision
    table = decision.find("{*}decisionTable")
    if table is None:
        raise InvalidInput(
            f"Expected a decision table in decision {decision.get('id')} but there is none. "
            "Draw one."
        )
    return table


def _inputs(table: etree._Element) -> Iterator[etree._Element]:
    return table.iterfind("{*}input")


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _texts(element: etree._Element, tag: str) -> list[str]:
    return [_text(entry, "{*}text") for entry in element.iterfind(tag)]
