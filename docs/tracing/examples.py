"""What shows that a rule holds: scenarios by their key `rules`, tests by their marker `rule`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tracing.tags import place_of, within
from workflow.scenarios import Scenario, read

NOT_RUN = {"skip", "xfail"}


@dataclass(frozen=True)
class Example:
    """One scenario (named by its sentence) or one test (named by its function)."""

    kind: str
    file: str
    name: str
    rules: tuple[int, ...]


def read_story(path: Path) -> Scenario:
    """A scenario; one file is read once."""
    return _read_once(path.resolve())


_read_once = cache(read)


def read_examples(root: Path, faults: list[str]) -> list[Example]:
    """Every tagged scenario and test of a project: scenarios first, each by file."""
    return [*_scenarios(root, faults), *_tests(root, faults)]


def _scenarios(root: Path, faults: list[str]) -> Iterator[Example]:
    for path in sorted((root / "bpmn" / "scenarios").glob("*.yaml")):
        scenario, file = read_story(path), place_of(path, root)
        if scenario.rules:
            rules = within(list(scenario.rules), file, faults)
            yield Example("scenario", file, scenario.name, rules)


def _tests(root: Path, faults: list[str]) -> Iterator[Example]:
    for path in sorted((root / "tests").rglob("test_*.py")):
        text, file = path.read_text(encoding="utf-8"), place_of(path, root)
        if "mark.rule" not in text:
            continue
        tree = ast.parse(text)
        for node in _functions(tree):
            numbers = _marked(node, f"{file}, {node.name}", faults)
            if numbers:
                rules = within(numbers, f"{file}, {node.name}", faults)
                yield Example("test", file, node.name, rules)
        faults += _markers_elsewhere(tree, file)


def _markers_elsewhere(tree: ast.Module, file: str) -> list[str]:
    """A marker on a module, a class or a parameter says of no test what it shows."""
    decorators = {id(mark) for node in _functions(tree) for mark in _markers(node.decorator_list)}
    return [
        f"{file}, line {mark.lineno}: Expected the marker rule on one test but found it elsewhere."
        " Put it on the test."
        for mark in _markers([tree])
        if id(mark) not in decorators
    ]


def _markers(nodes: Sequence[ast.AST]) -> Iterator[ast.Attribute]:
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute) and ast.unparse(inner) == "pytest.mark.rule":
                yield inner


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions of a module and of its classes, as they are written."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (inner for inner in node.body if isinstance(inner, ast.FunctionDef))


def _marked(node: ast.FunctionDef, where: str, faults: list[str]) -> list[int]:
    numbers: list[int] = []
    marks = [_mark(decorator) for decorator in node.decorator_list]
    for decorator, mark in zip(node.decorator_list, marks, strict=True):
        if mark != "rule":
            continue
        given = decorator.args if isinstance(decorator, ast.Call) else []
        literal = [arg.value for arg in given if isinstance(arg, ast.Constant)]
        whole = [value for value in literal if type(value) is int]
        if not whole or len(whole) < len(given):
            faults.append(f"{where}: Expected numbers in rule(…) but found others. Write rule(53).")
        numbers += whole
    if numbers and not node.name.startswith("test_"):
        faults.append(f"{where}: Expected the marker rule on a test but found it elsewhere.")
    if numbers and NOT_RUN & set(marks):
        faults.append(f"{where}: Expected a test that runs but it is skipped. It shows no rule.")
    return numbers


def _mark(decorator: ast.expr) -> str:
    """The name of a pytest marker, empty when a decorator is none."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "pytest.mark":
        return called.attr
    return ""
