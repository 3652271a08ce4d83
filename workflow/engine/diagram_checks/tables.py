"""A DMN file as decisions: their inputs, their outputs and their cells, as written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from workflow.engine.diagram_checks.graph import text
from workflow.engine.diagram_checks.reading import ParsedFile


@dataclass(eq=False)
class Decision:
    """One ``decision`` element."""

    element: etree._Element
    id: str
    document: TableDocument

    @property
    def table(self) -> etree._Element | None:
        """Its decision table, None when it is decided otherwise."""
        return self.element.find("{*}decisionTable")

    @property
    def outputs(self) -> list[str]:
        """The names its answer is kept under; a column without one takes the decision's."""
        columns = [] if self.table is None else self.table.findall("{*}output")
        variable = self.element.find("{*}variable")
        own = "" if variable is None else variable.get("name", "")
        own = own or self.element.get("name", "") or self.id
        return [column.get("name", "").strip() or own for column in columns]

    def inputs(self) -> Iterator[tuple[etree._Element, str]]:
        """Each input expression with its text."""
        if self.table is not None:
            for column in self.table.findall("{*}input"):
                expression = column.find("{*}inputExpression")
                yield (column if expression is None else expression), _cell(expression)

    def input_cells(self) -> Iterator[tuple[etree._Element, str]]:
        """Each unary test with its text."""
        yield from self._cells("inputEntry")

    def output_cells(self) -> Iterator[tuple[etree._Element, str]]:
        """Each output expression with its text."""
        yield from self._cells("outputEntry")
        if self.table is not None:
            for default in self.table.iterfind("{*}output/{*}defaultOutputEntry"):
                yield default, _cell(default)
            for allowed in self.table.iterfind("{*}output/{*}outputValues"):
                yield allowed, f"[{_cell(allowed)}]"

    def _cells(self, local_name: str) -> Iterator[tuple[etree._Element, str]]:
        if self.table is not None:
            for cell in self.table.iterfind(f"{{*}}rule/{{*}}{local_name}"):
                yield cell, _cell(cell)


@dataclass(eq=False)
class TableDocument:
    """One DMN file, read."""

    name: str
    root: etree._Element
    decisions: list[Decision] = field(default_factory=list[Decision])
    order: dict[etree._Element, int] = field(default_factory=dict["etree._Element", int])


def read_tables(file: ParsedFile) -> TableDocument:
    """The decisions of a DMN file."""
    document = TableDocument(file.name, file.root)
    for position, element in enumerate(file.root.iter("{*}*")):
        document.order[element] = position
    for element in file.root.iter("{*}decision"):
        document.decisions.append(Decision(element, element.get("id", ""), document))
    return document


def _cell(element: etree._Element | None) -> str:
    return "" if element is None else text(element.find("{*}text"))
