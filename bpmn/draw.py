"""Rewrites the drawing of diagrams from the grids of cells.yaml; their logic stays as it is.

    .venv/bin/python bpmn/draw.py bpmn/*.bpmn

Running it twice changes nothing. Every geometric fault left is printed, and is an exit status 1.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from drawing.cells import CellsFault, read_cells
from drawing.labels import place_labels
from drawing.model import Diagram, read_diagram
from drawing.places import Places, place
from drawing.routes import Path as Route
from drawing.routes import route
from lxml import etree

from workflow.engine.diagram_geometry import geometric_faults
from workflow.engine.outlines import Bounds

CELLS = Path(__file__).with_name("cells.yaml")
OLD_DRAWING = re.compile(rb"\s*<(\w+:)?BPMNDiagram\b.*</(\w+:)?BPMNDiagram>", re.DOTALL)
CLOSING_TAG = re.compile(rb"\s*(</(\w+:)?definitions>)\s*\Z")


def main(paths: list[Path]) -> int:
    """Draws each file; returns the exit status."""
    cells = read_cells(CELLS)
    status = 0
    for path in paths:
        try:
            faults = draw(path, cells)
        except CellsFault as fault:
            faults = [str(fault)]
        for fault in faults:
            sys.stderr.write(f"{path}: {fault}\n")
        status = 1 if faults else status
    return status


def draw(path: Path, cells: dict[str, dict[str, list[list[str]]]]) -> list[str]:
    """Writes the drawing into the file and returns the sentences of its faults."""
    source = path.read_bytes()
    diagram = read_diagram(etree.fromstring(source))
    if diagram.process not in cells:
        raise CellsFault(f"Expected cells for {diagram.process} in {CELLS.name}, but found none.")
    places = place(diagram, cells[diagram.process])
    routes = route(diagram, places)
    labels = place_labels(diagram, places, routes)
    written = "\n".join(_drawing(diagram, places, routes, labels)).encode()
    bare = OLD_DRAWING.sub(b"", source)
    drawn = CLOSING_TAG.sub(lambda tag: b"\n" + written + b"\n" + tag.group(1) + b"\n", bare)
    if drawn != source:
        path.write_bytes(drawn)
    return [fault.message for fault in geometric_faults(etree.fromstring(drawn))]


def _drawing(
    diagram: Diagram, places: Places, routes: dict[str, Route], labels: dict[str, Bounds]
) -> list[str]:
    lines = [f'  <bpmndi:BPMNDiagram id="{diagram.process}_diagram">']
    lines += [f'    <bpmndi:BPMNPlane id="{diagram.process}_plane" bpmnElement="{diagram.plane}">']
    horizontal = ' isHorizontal="true"'
    if diagram.pool and places.pool:
        lines += _shape(diagram.pool, places.pool, None, horizontal)
    for lane, bounds in places.lanes.items():
        lines += _shape(lane, bounds, None, horizontal)
    for name in diagram.nodes:
        lines += _shape(name, places.shapes[name], labels.get(name), _look(diagram, name))
    for flow in diagram.flows:
        lines += _edge(flow.name, routes[flow.name], labels.get(flow.name))
    return [*lines, "    </bpmndi:BPMNPlane>", "  </bpmndi:BPMNDiagram>"]


def _look(diagram: Diagram, name: str) -> str:
    if diagram.is_expanded(name):
        return ' isExpanded="true"'
    return ' isMarkerVisible="true"' if diagram.nodes[name].kind == "exclusiveGateway" else ""


def _shape(name: str, bounds: Bounds, label: Bounds | None, look: str) -> list[str]:
    opening = f'      <bpmndi:BPMNShape id="{name}_shape" bpmnElement="{name}"{look}>'
    return [opening, "        " + _bounds(bounds), *_label(label), "      </bpmndi:BPMNShape>"]


def _edge(name: str, path: Route, label: Bounds | None) -> list[str]:
    opening = f'      <bpmndi:BPMNEdge id="{name}_edge" bpmnElement="{name}">'
    points = [f'        <di:waypoint x="{p.x:g}" y="{p.y:g}"/>' for p in path]
    return [opening, *points, *_label(label), "      </bpmndi:BPMNEdge>"]


def _label(bounds: Bounds | None) -> list[str]:
    if bounds is None:
        return []
    inner = "          " + _bounds(bounds)
    return ["        <bpmndi:BPMNLabel>", inner, "        </bpmndi:BPMNLabel>"]


def _bounds(b: Bounds) -> str:
    return f'<dc:Bounds x="{b.x:g}" y="{b.y:g}" width="{b.width:g}" height="{b.height:g}"/>'


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
