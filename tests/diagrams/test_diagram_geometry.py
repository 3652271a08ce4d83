"""What a reader would stumble on in a drawing is found, and nothing else.

One small process is drawn in a row, then spoiled in one way per example:

    start ──▶ first ──▶ second ──▶ end          all centres at y = 100
    100–136   200–320   400–520    600–636
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from lxml import etree

from workflow.engine.diagram_geometry import GeometricFaultKind, geometric_faults

Box = tuple[float, float, float, float]
Points = list[tuple[float, float]]

ROOT = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
  <bpmn:process id="small">
    <bpmn:startEvent id="start"/><bpmn:task id="first"/><bpmn:task id="second"/>
    <bpmn:endEvent id="end"/>{more}
    <bpmn:sequenceFlow id="to_first" sourceRef="start" targetRef="first"/>
    <bpmn:sequenceFlow id="to_second" sourceRef="first" targetRef="second"/>
    <bpmn:sequenceFlow id="to_end" sourceRef="second" targetRef="end"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram><bpmndi:BPMNPlane>{drawn}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""
SHAPES: dict[str, Box] = {
    "start": (100, 82, 36, 36),
    "first": (200, 60, 120, 80),
    "second": (400, 60, 120, 80),
    "end": (600, 82, 36, 36),
}
EDGES: dict[str, Points] = {
    "to_first": [(136, 100), (200, 100)],
    "to_second": [(320, 100), (400, 100)],
    "to_end": [(520, 100), (600, 100)],
}
EXTRA_TASK = '<bpmn:task id="extra"/>'
EXTRA_GATEWAY = '<bpmn:exclusiveGateway id="extra"/>'
SHORT_CUT = '<bpmn:sequenceFlow id="short_cut" sourceRef="start" targetRef="second"/>'
LANE = """<bpmn:laneSet id="lanes"><bpmn:lane id="lane">
  <bpmn:flowNodeRef> first </bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"""
BOUNDARY = """<bpmn:boundaryEvent id="late" attachedToRef="first"/><bpmn:endEvent id="over"/>
  <bpmn:sequenceFlow id="to_over" sourceRef="late" targetRef="over"/>"""
LATE: Box = (242, 122, 36, 36)


@dataclass
class Drawing:
    """The small process, with what one example adds, moves or leaves out."""

    shapes: dict[str, Box] = field(default_factory=dict[str, Box])
    edges: dict[str, Points] = field(default_factory=dict[str, Points])
    labels: dict[str, Box] = field(default_factory=dict[str, Box])
    more: str = ""
    without: tuple[str, ...] = ()

    def root(self):
        drawn = [
            f'<bpmndi:BPMNShape bpmnElement="{name}">{bounds(box)}{self._label(name)}'
            "</bpmndi:BPMNShape>"
            for name, box in (SHAPES | self.shapes).items()
            if name not in self.without
        ]
        drawn += [
            f'<bpmndi:BPMNEdge bpmnElement="{name}">{way(points)}{self._label(name)}'
            "</bpmndi:BPMNEdge>"
            for name, points in (EDGES | self.edges).items()
            if name not in self.without
        ]
        return etree.fromstring(ROOT.format(more=self.more, drawn="".join(drawn)))

    def _label(self, name: str) -> str:
        if name not in self.labels:
            return ""
        return f"<bpmndi:BPMNLabel>{bounds(self.labels[name])}</bpmndi:BPMNLabel>"

    def faults(self) -> set[str]:
        return {
            f"{f.kind} {f.element} {f.other or ''}".strip() for f in geometric_faults(self.root())
        }


def bounds(box: Box) -> str:
    x, y, width, height = box
    return f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'


def way(points: Points) -> str:
    return "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)


SOUND = {
    "the process as it stands": Drawing(),
    "a boundary event on its task": Drawing(
        {"late": LATE, "over": (242, 200, 36, 36)},
        {"to_over": [(260, 158), (260, 200)]},
        more=BOUNDARY,
    ),
    "two flows that join before their target": Drawing(
        edges={"short_cut": [(118, 118), (118, 180), (380, 180), (380, 100), (400, 100)]},
        more=SHORT_CUT,
    ),
    "a flow that passes the corner of a gateway": Drawing(
        {"extra": (200, 200, 50, 50)},
        {"short_cut": [(118, 118), (118, 180), (460, 180), (460, 140)]},
        more=EXTRA_GATEWAY + SHORT_CUT,
    ),
    "a slanted flow between the outlines of two events": Drawing(
        {"end": (600, 200, 36, 36)}, {"to_end": [(520, 118), (605.3, 205.3)]}
    ),
    "a label on its own flow": Drawing(labels={"to_first": (140, 93, 40, 15)}),
}
FAULTY = {
    "a task that is not drawn": (
        Drawing(without=("second",)),
        {"missing_shape second"},
    ),
    "a flow that is not drawn": (Drawing(without=("to_end",)), {"missing_edge to_end"}),
    "a task out of its lane": (
        Drawing({"lane": (90, 100, 600, 200)}, more=LANE),
        {"outside_container first lane"},
    ),
    "two tasks one on the other": (
        Drawing({"extra": (260, 120, 120, 80)}, more=EXTRA_TASK),
        {"shape_overlap first extra"},
    ),
    "a flow through a task": (
        Drawing({"extra": (340, 60, 40, 80)}, more=EXTRA_TASK),
        {"edge_through_shape to_second extra"},
    ),
    "a flow back through its own task": (
        Drawing(edges={"to_second": [(320, 100), (220, 100), (220, 200), (460, 200), (460, 140)]}),
        {"edge_through_shape to_second first"},
    ),
    "a slanted flow through a task": (
        Drawing(edges={"short_cut": [(118, 82), (118, 20), (400, 80)]}, more=SHORT_CUT),
        {"edge_through_shape short_cut first"},
    ),
    "a boundary event's flow through its task": (
        Drawing(
            {"late": LATE, "over": (242, 4, 36, 36)},
            {"to_over": [(260, 122), (260, 40)]},
            more=BOUNDARY,
        ),
        {"edge_through_shape to_over first"},
    ),
    "two flows that cross": (
        Drawing(
            edges={"to_end": [(460, 140), (460, 180), (360, 180), (360, 20), (618, 20), (618, 82)]}
        ),
        {"edge_crossing to_second to_end"},
    ),
    "two flows that cross at a slant": (
        Drawing(edges={"to_end": [(460, 140), (340, 160), (370, 20), (618, 20), (618, 82)]}),
        {"edge_crossing to_second to_end"},
    ),
    "a flow that lies on another": (
        Drawing(
            edges={
                "to_second": [(320, 100), (360, 100), (360, 20), (460, 20), (460, 60)],
                "to_end": [
                    (520, 90),
                    (540, 90),
                    (540, 10),
                    (360, 10),
                    (360, 60),
                    (618, 60),
                    (618, 82),
                ],
            }
        ),
        {"edge_on_edge to_second to_end", "edge_crossing to_second to_end"},
    ),
    "a flow that stops short": (
        Drawing(edges={"to_end": [(520, 100), (580, 100)]}),
        {"loose_edge_end to_end end"},
    ),
    "a flow that ends in the middle of its target": (
        Drawing(edges={"to_end": [(520, 100), (618, 100)]}),
        {"loose_edge_end to_end end", "edge_through_shape to_end end"},
    ),
    "a label on a label": (
        Drawing(labels={"start": (90, 122, 60, 15), "to_first": (140, 125, 40, 15)}),
        {"label_on_label start to_first"},
    ),
    "a label on a task": (
        Drawing(labels={"start": (150, 70, 60, 15)}),
        {"label_on_shape start first"},
    ),
    "a label on a flow": (
        Drawing(labels={"start": (150, 93, 40, 15)}),
        {"label_on_edge start to_first"},
    ),
}


@pytest.mark.parametrize("drawing", SOUND.values(), ids=SOUND)
def test_a_sound_drawing_has_no_fault(drawing: Drawing) -> None:
    assert drawing.faults() == set()


@pytest.mark.parametrize(("drawing", "expected"), FAULTY.values(), ids=FAULTY)
def test_what_a_reader_stumbles_on_is_named(drawing: Drawing, expected: set[str]) -> None:
    assert drawing.faults() == expected


def test_every_kind_of_fault_has_an_example() -> None:
    shown = {fault.split()[0] for _, faults in FAULTY.values() for fault in faults}
    assert shown == {kind.value for kind in GeometricFaultKind}


def test_the_message_of_a_fault_names_both_elements() -> None:
    [fault] = geometric_faults(Drawing({"extra": (260, 120, 120, 80)}, more=EXTRA_TASK).root())
    assert fault.message == "first overlaps extra."
