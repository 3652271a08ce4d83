"""Roles: lanes are roles, and every human task has one."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import Document, Node, form_key, text
from workflow.engine.diagram_checks.reading import BPMN, kind
from workflow.engine.diagram_checks.rule import Finding, at, label, rule


@rule("unknown_lane_role")
def unknown_lane_roles(deployment: Deployment) -> Iterator[Finding]:
    """The id of a lane is a role."""
    known = ", ".join(sorted(deployment.context.roles))
    for document in deployment.documents:
        for lane in document.all("lane"):
            if lane.find(f"{{{BPMN}}}childLaneSet") is not None:
                continue
            if lane.get("id") not in deployment.context.roles:
                yield Finding(
                    document,
                    lane,
                    f"Le couloir « {lane.get('name') or lane.get('id')} » a pour identifiant "
                    f"« {lane.get('id')} », qui n'est pas un rôle.",
                    f"Donnez au couloir l'identifiant d'un rôle : {known}.",
                    f'The lane "{lane.get("name") or lane.get("id")}" has the id '
                    f'"{lane.get("id")}", which is no role.',
                    f"Give the lane the id of a role: {known}.",
                )


@rule("unknown_role")
def unknown_roles(deployment: Deployment) -> Iterator[Finding]:
    """The roles named by the properties ``role``, ``otherRole`` and ``roles`` exist."""
    known = ", ".join(sorted(deployment.context.roles))
    for node in deployment.nodes():
        for role in _named_roles(node):
            if role not in deployment.context.roles:
                yield at(
                    node,
                    f"« {label(node)} » nomme le rôle « {role} », qui n'existe pas.",
                    f"Choisissez parmi : {known}.",
                    f'"{label(node)}" names the role "{role}", which does not exist.',
                    f"Choose among: {known}.",
                )


def _named_roles(node: Node) -> list[str]:
    listed = [
        node.properties[key] for key in ("role", "otherRole", "roles") if key in node.properties
    ]
    return [role.strip() for value in listed for role in value.split(",")]


@rule("lane_reference")
def lane_references(deployment: Deployment) -> Iterator[Finding]:
    """A lane holds nodes that exist, and a node stands in one lane."""
    for document in deployment.documents:
        nodes = {n.id for p in document.processes for s in p.walk() for n in s.nodes}
        seen: dict[str, list[etree._Element]] = {}
        for reference in document.all("flowNodeRef"):
            name = text(reference)
            lane = _lane_of(reference)
            others = [e for e in seen.get(name, []) if e not in lane.iterancestors()]
            if name not in nodes or any(lane not in other.iterancestors() for other in others):
                yield Finding(
                    document,
                    lane,
                    f"Le couloir « {lane.get('name') or lane.get('id')} » contient « {name} », "
                    "qui n'existe pas ou qui est déjà dans un autre couloir.",
                    "Déplacez l'élément dans un seul couloir et enregistrez de nouveau.",
                    f'The lane "{lane.get("name") or lane.get("id")}" holds "{name}", which does '
                    "not exist or is already in another lane.",
                    "Move the element into one lane and save anew.",
                )
            seen.setdefault(name, []).append(lane)


def _lane_of(reference: etree._Element) -> etree._Element:
    lane = reference.getparent()
    return reference if lane is None else lane


def lane_roles(document: Document) -> dict[str, str]:
    """The role of each node that a lane names; the innermost lane wins."""
    found: dict[str, tuple[int, str]] = {}
    for reference in document.all("flowNodeRef"):
        lane = _lane_of(reference)
        depth = sum(1 for e in lane.iterancestors() if kind(e) == "lane")
        name = text(reference)
        if name not in found or found[name][0] < depth:
            found[name] = (depth, lane.get("id", ""))
    return {name: role for name, (_, role) in found.items()}


def role_of(node: Node, lanes: dict[str, str]) -> str:
    """The role of ``node``: its property, else its lane, else that of what surrounds it."""
    current: Node | None = node
    while current is not None:
        role = current.properties.get("role") or lanes.get(current.id, "")
        if role:
            return role
        current = current.scope.owner
    return ""


@rule("task_without_role")
def tasks_without_role(deployment: Deployment) -> Iterator[Finding]:
    """A user task, and a start event with a form, is somebody's."""
    for document in deployment.documents:
        lanes = lane_roles(document)
        for process in document.processes:
            for scope in process.walk():
                for node in scope.nodes:
                    if _is_human(node) and not role_of(node, lanes):
                        yield at(
                            node,
                            f"« {label(node)} » n'est dans le couloir d'aucun rôle.",
                            "Placez l'élément dans un couloir, ou donnez-lui une propriété "
                            "« role ».",
                            f'"{label(node)}" is in the lane of no role.',
                            'Put the element into a lane, or give it a property "role".',
                        )


def _is_human(node: Node) -> bool:
    return node.kind == "userTask" or (node.kind == "startEvent" and bool(form_key(node)))
