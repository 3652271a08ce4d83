"""Where rules live: elements of diagrams, tables, forms, parameters of campaigns, code."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from tracing.tags import DSR, place_of, rules_in

PACKAGES = ("workflow", "api", "web")
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CONTAINERS = ("collaboration", "process", "subProcess")
_DEADLINE = re.compile(r"""deadline\(\s*"(\w+)\"""")
_CONSTANT = re.compile(r"\bcampaign\.(\w+)")
_SOURCE_OF = {"quorum": "college"}
"""Parameters that expressions read under another name than the campaign's file gives them."""


@dataclass(frozen=True, order=True)
class Place:
    """One thing that carries rules: its file, and its name in that file (empty: all of it)."""

    kind: str
    file: str
    name: str
    rules: tuple[int, ...]


def read_places(root: Path, faults: list[str]) -> list[Place]:
    """Every tagged place of a project, in the order of kinds, files and their texts."""
    drawn = list(_diagrams(root, faults))
    return [
        *(place for place, _ in drawn),
        *_tables(root, faults),
        *_forms(root, faults),
        *_parameters(root, drawn),
        *_code(root, faults),
    ]


def _diagrams(root: Path, faults: list[str]) -> Iterator[tuple[Place, str]]:
    """Tagged elements, each with the expressions written in it."""
    for path in sorted((root / "bpmn").glob("*.bpmn")):
        file = place_of(path, root)
        root_element = etree.parse(path).getroot()
        for element in root_element.iter("{*}documentation"):
            owner = element.getparent()
            if owner is None:
                continue
            name = owner.get("name") or owner.get("id") or ""
            rules = rules_in(element.text or "", f"{file}, {owner.get('id')}", faults)
            if rules:
                flows = root_element.iterfind(
                    f".//{{*}}sequenceFlow[@sourceRef='{owner.get('id')}']"
                )
                written = " ".join(map(_expressions, [owner, *flows]))
                yield Place("diagram", file, _one_line(name), rules), written


def _expressions(element: etree._Element) -> str:
    """What is written in an element; a container holds other elements, and says nothing itself."""
    if any(element.tag == f"{{{BPMN}}}{name}" for name in CONTAINERS):
        return ""
    return " ".join([element.text or "", *map(_expressions, element)])


def _tables(root: Path, faults: list[str]) -> Iterator[Place]:
    for path in sorted((root / "bpmn").glob("*.dmn")):
        file = place_of(path, root)
        for description in etree.parse(path).getroot().iter("{*}description"):
            owner = description.getparent()
            if owner is None:
                continue
            where = f"{file}, {owner.get('id')}"
            rules = rules_in(description.text or "", where, faults)
            if rules:
                name = owner.get("name") or f"ligne {owner.get('id')}"
                yield Place("table", file, _one_line(name), rules)


def _forms(root: Path, faults: list[str]) -> Iterator[Place]:
    for path in sorted((root / "forms").glob("*.json")):
        file = place_of(path, root)
        document = json.loads(path.read_text(encoding="utf-8"))
        for component in _components(document):
            tag = component.get("properties", {}).get("rules")
            if tag is None:
                continue
            name = component.get("label") or component.get("dateLabel") or document.get("title")
            where = f"{file}, {component.get('key') or component.get('path') or name}"
            rules = rules_in(tag, where, faults)
            if not rules:
                faults.append(f"{where}: Expected [règle 53] in 'rules' but found {tag!r}. Tag it.")
            yield Place("form", file, _one_line(str(name)), rules)


def _components(parent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in parent.get("components", []):
        yield component
        yield from _components(component)


def _parameters(root: Path, drawn: list[tuple[Place, str]]) -> Iterator[Place]:
    """A parameter carries the rules of the tagged elements whose expressions name it."""
    for path, written in campaigns(root):
        rules: dict[str, set[int]] = {}
        for place, expressions in drawn:
            for name in _named(expressions, written):
                rules.setdefault(name, set()).update(place.rules)
        for name in _order(written):
            if name in rules:
                yield Place("parameter", place_of(path, root), name, tuple(sorted(rules[name])))


def campaigns(root: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The campaigns of the DSR whose rules these are."""
    for path in sorted((root / "bpmn" / "campaigns").glob("*.yaml")):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        if written["dsr"] == DSR:
            yield path, written


def _named(expressions: str, written: Mapping[str, Any]) -> Iterator[str]:
    for key in _DEADLINE.findall(expressions):
        if key in written.get("delays", {}):
            yield f"delays.{key}"
        elif key in written:
            yield key
    for name in map(str, _CONSTANT.findall(expressions)):
        source = _SOURCE_OF.get(name, name)
        if source in written:
            yield source


def _order(written: Mapping[str, Any]) -> Iterator[str]:
    for key, value in written.items():
        yield key
        if key == "delays":
            yield from (f"delays.{name}" for name in value)


def _code(root: Path, faults: list[str]) -> Iterator[Place]:
    paths = (path for name in PACKAGES for path in sorted((root / name).rglob("*.py")))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        # Most modules carry no tag: they need not be parsed.
        if not re.search(r"\[r[eèé]gle", text, re.IGNORECASE):
            continue
        file = place_of(path, root)
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                continue
            name = "" if isinstance(node, ast.Module) else node.name
            rules = rules_in(ast.get_docstring(node) or "", f"{file}, {name or 'module'}", faults)
            if rules:
                yield Place("code", file, name, rules)


def _one_line(text: str) -> str:
    return " ".join(text.split())
