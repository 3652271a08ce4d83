"""What a drawing needs to know of a diagram: its nodes, flows, scopes and lanes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from workflow.engine.diagram_interchange import BPMN, is_node, kind_of


@dataclass(frozen=True)
class Node:
    """A flow node; ``scope`` is the process or sub-process that holds it."""

    name: str
    kind: str
    label: str
    scope: str
    host: str | None

    @property
    def is_event(self) -> bool:
        return self.kind.endswith("Event")

    @property
    def is_gateway(self) -> bool:
        return self.kind.endswith("Gateway")


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    name: str
    label: str
    source: str
    target: str


@dataclass(frozen=True)
class Diagram:
    """One process with its pool and lanes."""

    process: str
    plane: str
    pool: str | None
    pool_label: str
    lanes: dict[str, str]
    nodes: dict[str, Node]
    flows: list[Flow]

    def nodes_in(self, scope: str) -> list[Node]:
        """The nodes of one scope, boundary events left out."""
        return [n for n in self.nodes.values() if n.scope == scope and n.host is None]

    def boundaries_of(self, host: str) -> list[Node]:
        """The boundary events of an activity, in the order of the document."""
        return [n for n in self.nodes.values() if n.host == host]

    def flows_from(self, source: str) -> list[Flow]:
        return [f for f in self.flows if f.source == source]

    def is_expanded(self, name: str) -> bool:
        return self.nodes[name].kind in {"subProcess", "transaction", "adHocSubProcess"}


def read_diagram(root: etree._Element) -> Diagram:
    """The only process of a file and its pool."""
    process = next(root.iter(BPMN + "process"))
    pool = next(root.iter(BPMN + "participant"), None)
    plane = next(root.iter(BPMN + "collaboration"), process)
    lanes = {e.get("id", ""): e.get("name", "") for e in process.iter(BPMN + "lane")}
    flows = [
        Flow(e.get("id", ""), e.get("name", ""), e.get("sourceRef", ""), e.get("targetRef", ""))
        for e in process.iter(BPMN + "sequenceFlow")
    ]
    return Diagram(
        process=process.get("id", ""),
        plane=plane.get("id", ""),
        pool=None if pool is None else pool.get("id"),
        pool_label="" if pool is None else pool.get("name", ""),
        lanes=lanes,
        nodes={node.name: node for node in _nodes(process)},
        flows=flows,
    )


def _nodes(process: etree._Element) -> Iterator[Node]:
    for element in process.iter(BPMN + "*"):
        parent = element.getparent()
        if not is_node(element) or kind_of(element) == "lane" or parent is None:
            continue
        yield Node(
            name=element.get("id", ""),
            kind=kind_of(element),
            label=element.get("name", ""),
            scope=parent.get("id", ""),
            host=element.get("attachedToRef"),
        )
