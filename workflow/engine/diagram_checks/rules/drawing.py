"""The drawing: everything is drawn, and drawn so that it can be read."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lxml import etree

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import Document
from workflow.engine.diagram_checks.reading import BPMNDI, DC, DI
from workflow.engine.diagram_checks.rule import Finding, rule
from workflow.engine.diagram_geometry import GeometricFaultKind, geometric_faults

_SENTENCES = {
    GeometricFaultKind.OUTSIDE_CONTAINER: "« {element} » est dessiné hors de « {other} ».",
    GeometricFaultKind.SHAPE_OVERLAP: "« {element} » recouvre « {other} ».",
    GeometricFaultKind.EDGE_THROUGH_SHAPE: "Le flux « {element} » traverse « {other} ».",
    GeometricFaultKind.EDGE_CROSSING: "Le flux « {element} » croise « {other} ».",
    GeometricFaultKind.EDGE_ON_EDGE: "Le flux « {element} » se confond avec « {other} ».",
    GeometricFaultKind.LOOSE_EDGE_END: "Le flux « {element} » ne touche pas « {other} ».",
    GeometricFaultKind.LABEL_ON_LABEL: "Les libellés de « {element} » et « {other} » se gênent.",
    GeometricFaultKind.LABEL_ON_SHAPE: "Le libellé de « {element} » est posé sur « {other} ».",
    GeometricFaultKind.LABEL_ON_EDGE: "Le libellé de « {element} » est posé sur « {other} ».",
}


def _number(element: etree._Element, attribute: str) -> float | None:
    try:
        value = float(element.get(attribute, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _has_bounds(shape: etree._Element) -> bool:
    bounds = shape.find(f"{{{DC}}}Bounds")
    if bounds is None:
        return False
    sides = [_number(bounds, side) for side in ("width", "height")]
    corner = [_number(bounds, axis) for axis in ("x", "y")]
    return None not in corner and all(side is not None and side > 0 for side in sides)


def _has_path(edge: etree._Element) -> bool:
    points = edge.findall(f"{{{DI}}}waypoint")
    return len(points) >= 2 and all(
        _number(point, axis) is not None for point in points for axis in ("x", "y")
    )


def _drawn(document: Document) -> set[str]:
    shapes = document.root.iter(f"{{{BPMNDI}}}BPMNShape")
    edges = document.root.iter(f"{{{BPMNDI}}}BPMNEdge")
    return {s.get("bpmnElement", "") for s in shapes if _has_bounds(s)} | {
        e.get("bpmnElement", "") for e in edges if _has_path(e)
    }


@rule("missing_drawing")
def missing_drawings(deployment: Deployment) -> Iterator[Finding]:
    """Every node, pool and lane has a shape with its bounds, every flow an edge with its points."""
    for document in deployment.documents:
        drawn = _drawn(document)
        scopes = [scope for process in document.processes for scope in process.walk()]
        elements = [
            *document.all("participant"),
            *document.all("messageFlow"),
            *document.all("lane"),
            *(node.element for scope in scopes for node in scope.nodes),
            *(flow.element for scope in scopes for flow in scope.flows),
        ]
        for element in elements:
            if element.get("id", "") not in drawn:
                yield Finding(
                    document,
                    element,
                    f"« {element.get('name') or element.get('id')} » n'est pas dessiné.",
                    "Ouvrez le diagramme dans l'éditeur, redessinez l'élément et enregistrez.",
                    f'"{element.get("name") or element.get("id")}" is not drawn.',
                    "Open the diagram in the editor, draw the element again and save.",
                )


@rule("drawing_reference")
def drawing_references(deployment: Deployment) -> Iterator[Finding]:
    """A shape or an edge draws an element of the file, once."""
    for document in deployment.documents:
        seen: set[str] = set()
        for local_name in ("BPMNShape", "BPMNEdge"):
            for drawing in document.root.iter(f"{{{BPMNDI}}}{local_name}"):
                name = drawing.get("bpmnElement", "")
                if name not in document.named or name in seen:
                    yield Finding(
                        document,
                        drawing,
                        f"Une forme dessine « {name} », qui n'existe pas ou est déjà dessiné.",
                        "Supprimez la forme dans l'éditeur et enregistrez.",
                        f'A shape draws "{name}", which does not exist or is drawn already.',
                        "Delete the shape in the editor and save.",
                    )
                seen.add(name)


@rule("drawing_number")
def drawing_numbers(deployment: Deployment) -> Iterator[Finding]:
    """Every coordinate of the drawing is a number."""
    for document in deployment.documents:
        for element in _unreadable(document):
            yield Finding(
                document,
                element,
                "Une position ou une taille du dessin n'est pas un nombre.",
                "Ouvrez le diagramme dans l'éditeur, déplacez l'élément et enregistrez.",
                "A position or a size of the drawing is not a number.",
                "Open the diagram in the editor, move the element and save.",
            )


def _unreadable(document: Document) -> Iterator[etree._Element]:
    wanted = {
        f"{{{DC}}}Bounds": ("x", "y", "width", "height"),
        f"{{{DI}}}waypoint": ("x", "y"),
    }
    for element in document.root.iter(*wanted):
        if any(_number(element, attribute) is None for attribute in wanted[str(element.tag)]):
            yield element


@rule("drawing")
def drawing_faults(deployment: Deployment) -> Iterator[Finding]:
    """The drawing can be read: nothing overlaps, crosses, hides or hangs loose."""
    for document in deployment.documents:
        if next(_unreadable(document), None) is not None:
            continue
        for fault in geometric_faults(document.root):
            sentence = _SENTENCES.get(fault.kind)
            if sentence is not None:
                yield Finding(
                    document,
                    document.named.get(fault.element, document.root),
                    sentence.format(element=fault.element, other=fault.other),
                    "Déplacez l'élément ou son libellé dans l'éditeur, puis enregistrez.",
                    fault.message[:1].upper() + fault.message[1:],
                    "Move the element or its label in the editor, then save.",
                )
