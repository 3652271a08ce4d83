"""How many of the DMN compliance kit's cases our FEEL passes.

    python tests/feel_conformance.py [FOLDER]

FOLDER holds ``compliance-level-2`` and ``compliance-level-3`` of the kit (github: dmn-tck/tck);
by default ``../shared/tck`` beside the repository. The kit is read there, never copied here.
A case is one expected result of one decision. Counted apart: decisions that are one literal
expression, decisions that are one decision table, all others (boxed expressions).
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

ROOT = Path(__file__).resolve().parents[1]
# Python puts the script's own folder first, where tests/workflow would hide the package.
sys.path[0] = str(ROOT)

from workflow.errors import InvalidInput, LimitExceeded  # noqa: E402
from workflow.feel import DecisionTable, FeelFunction, compiled, evaluate  # noqa: E402
from workflow.feel.limits import Run  # noqa: E402
from workflow.feel.syntax import FeelType  # noqa: E402
from workflow.feel.types import conforms  # noqa: E402

DEFAULT_FOLDER = ROOT.parent / "shared" / "tck"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
SEPARATE = ("literalExpression", "decisionTable")


class OutOfReach(Exception):
    """The model uses something Jalon has no use for; the message says what."""


def local(element: etree._Element) -> str:
    """The tag without its namespace; empty for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def logic_of(element: etree._Element) -> etree._Element | None:
    """The expression an element holds, whatever its kind."""
    kinds = {*BOXED, *SEPARATE}
    return next((child for child in element if local(child) in kinds), None)


class Model:
    """One DMN file: its decisions, functions and types, evaluated on demand."""

    def __init__(self, path: Path) -> None:
        self.root = etree.parse(path).getroot()
        self.by_id = {e.get("id"): e for e in self.root.iter() if e.get("id")}
        self.decisions = {e.get("name"): e for e in self.root.iterfind("{*}decision")}
        self.types = {e.get("name"): e for e in self.root.iterfind("{*}itemDefinition")}
        named = {e.get("name") for e in self.root.iter() if isinstance(e.tag, str)}
        self.names = frozenset(
            n for n in named if n and re.search(r"[-+*/'.]|\b(and|or|in|for|if)\b", n)
        )

    def feel(self, source: str | None, scope: dict[str, Any]) -> Any:
        if not (source or "").strip():
            return None
        return compiled(source or "", names=self.names).evaluate(scope)

    def decide(self, name: str, inputs: dict[str, Any]) -> Any:
        decision = self.decisions[name]
        scope = self.requirements(decision, inputs)
        logic = logic_of(decision)
        value = None if logic is None else self.value(logic, scope)
        variable = decision.find("{*}variable")
        return self.coerce(value, None if variable is None else variable.get("typeRef"))

    def requirements(self, element: etree._Element, inputs: dict[str, Any]) -> dict[str, Any]:
        scope = dict(inputs)
        paths = ("{*}informationRequirement/{*}required*", "{*}knowledgeRequirement/{*}required*")
        for need in (n for path in paths for n in element.iterfind(path.rsplit("/", 1)[0])):
            for link in need:
                space, _, href = (link.get("href") or "").partition("#")
                own = space in ("", self.root.get("namespace"))
                target = self.by_id.get(href) if own else None
                if target is None:
                    raise OutOfReach("imports")
                name = target.get("name")
                if local(target) == "inputData":
                    variable = target.find("{*}variable")
                    wanted = None if variable is None else variable.get("typeRef")
                    scope[name] = self.coerce(scope.get(name), wanted)
                elif name not in inputs:
                    scope[name] = self.required(target, inputs)
        return scope

    def required(self, target: etree._Element, inputs: dict[str, Any]) -> Any:
        if local(target) == "decision":
            return self.decide(target.get("name"), inputs)
        if local(target) == "businessKnowledgeModel":
            scope = self.requirements(target, inputs)
            scope[target.get("name")] = function = self.function(
                target.find("{*}encapsulatedLogic"), scope
            )
            return function
        if local(target) == "decisionService":
            return self.service(target)
        raise OutOfReach("imports")

    def function(self, element: etree._Element | None, scope: dict[str, Any]) -> FeelFunction:
        if element is None or element.get("kind", "FEEL") != "FEEL":
            raise OutOfReach("external functions")
        formal = list(element.iterfind("{*}formalParameter"))
        names = tuple(p.get("name") for p in formal)

        def call(_: Run, positional: list[Any], named: dict[str, Any]) -> Any:
            if len(positional) + len(named) != len(names) or not named.keys() <= set(names):
                return None
            given = {**dict(zip(names, positional, strict=False)), **named}
            for parameter in formal:
                name, wanted = parameter.get("name"), parameter.get("typeRef")
                coerced = self.coerce(given[name], wanted)
                if coerced is None and given[name] is not None:
                    return None
                given[name] = coerced
            body = logic_of(element)
            value = None if body is None else self.value(body, {**scope, **given})
            return self.coerce(value, None if body is None else body.get("typeRef"))

        return FeelFunction(names, call)

    def service(self, element: etree._Element) -> FeelFunction:
        def targets(tag: str) -> list[etree._Element]:
            links = element.iterfind("{*}" + tag)
            return [self.by_id[(link.get("href") or "").lstrip("#")] for link in links]

        needs = targets("inputData") + targets("inputDecision")
        names = tuple(need.get("name") for need in needs)

        def call(_: Run, positional: list[Any], named: dict[str, Any]) -> Any:
            if len(positional) + len(named) != len(names) or not named.keys() <= set(names):
                return None
            given = {**dict(zip(names, positional, strict=False)), **named}
            for need in needs:
                variable = need.find("{*}variable")
                wanted = None if variable is None else variable.get("typeRef")
                given[need.get("name")] = self.coerce(given[need.get("name")], wanted)
            results = {
                d.get("name"): self.decide(d.get("name"), given) for d in targets("outputDecision")
            }
            variable = element.find("{*}variable")
            value = next(iter(results.values())) if len(results) == 1 else results
            return self.coerce(value, None if variable is None else variable.get("typeRef"))

        return FeelFunction(names, call)

    def value(self, logic: etree._Element, scope: dict[str, Any]) -> Any:
        kind = local(logic)
        if kind == "literalExpression":
            if logic.find("{*}importedValues") is not None:
                raise OutOfReach("imports")
            return self.feel(logic.findtext("{*}text"), scope)
        if kind == "decisionTable":
            table = DecisionTable.from_xml(logic, self.names)
            return table.decide(scope).value
        return BOXED[kind](self, logic, scope)

    def coerce(self, value: Any, wanted: str | None) -> Any:
        """A value as its declared type takes it: unwrapped, wrapped, or null (DMN 10.3.2.9.4)."""
        if value is None or not wanted or wanted.split(":")[-1] == "Any":
            return value
        if self.is_a(value, wanted):
            return value
        if isinstance(value, list) and len(value) == 1 and self.is_a(value[0], wanted):
            return value[0]
        return [value] if self.is_a([value], wanted) else None

    def is_a(self, value: Any, wanted: str) -> bool:
        definition = self.types.get(wanted)
        if definition is None:
            names = {
                "dayTimeDuration": "days and time duration",
                "dateTime": "date and time",
                "yearMonthDuration": "years and months duration",
            }
            plain = wanted.split(":")[-1]
            return conforms(value, FeelType(names.get(plain, plain)), Run()) is not False
        if definition.get("isCollection") == "true":
            return isinstance(value, list) and all(
                item is None or self.fits(item, definition) for item in value
            )
        return self.fits(value, definition)

    def fits(self, value: Any, definition: etree._Element) -> bool:
        wanted = (definition.findtext("{*}typeRef") or "").strip()
        if wanted:
            return self.is_a(value, wanted)
        components = list(definition.iterfind("{*}itemComponent"))
        if not components:
            return True
        if not isinstance(value, dict):
            return False
        for component in components:
            name = component.get("name")
            if name not in value:
                return False
            item = value[name]
            many = component.get("isCollection") == "true" and isinstance(item, list)
            if not all(i is None or self.fits(i, component) for i in (item if many else [item])):
                return False
        return True


def _context(model: Model, logic: etree._Element, scope: dict[str, Any]) -> Any:
    made: dict[str, Any] = {}
    inner = dict(scope)
    for entry in logic.iterfind("{*}contextEntry"):
        body, variable = logic_of(entry), entry.find("{*}variable")
        value = None if body is None else model.value(body, inner)
        if variable is None:
            return value
        value = model.coerce(value, variable.get("typeRef"))
        made[variable.get("name")] = inner[variable.get("name")] = value
    return made


def _invocation(model: Model, logic: etree._Element, scope: dict[str, Any]) -> Any:
    body = logic_of(logic)
    function = None if body is None else model.value(body, scope)
    given: dict[str, Any] = {}
    for binding in logic.iterfind("{*}binding"):
        parameter, inner = binding.find("{*}parameter"), logic_of(binding)
        if parameter is not None:
            given[parameter.get("name")] = None if inner is None else model.value(inner, scope)
    return function.call(Run(), [], given) if isinstance(function, FeelFunction) else None


def _list(model: Model, logic: etree._Element, scope: dict[str, Any]) -> Any:
    return [model.value(item, scope) for item in logic if local(item) in {*BOXED, *SEPARATE}]


def _relation(model: Model, logic: etree._Element, scope: dict[str, Any]) -> Any:
    columns = [column.get("name") for column in logic.iterfind("{*}column")]
    return [
        dict(zip(columns, _list(model, row, scope), strict=True))
        for row in logic.iterfind("{*}row")
    ]


def _part(model: Model, logic: etree._Element, tag: str, scope: dict[str, Any]) -> Any:
    element = logic.find("{*}" + tag)
    body = None if element is None else logic_of(element)
    return None if body is None else model.value(body, scope)


def _conditional(model: Model, logic: etree._Element, scope: dict[str, Any]) -> Any:
    return _part(
        model, logic, "then" if _part(model, logic, "if", scope) is True else "else", scope
    )


def _loop(model: Model, logic: etree._Element, scope: dict[str, Any]) -> Any:
    name = logic.get("iteratorVariable")
    items = _part(model, logic, "in", scope)
    tag = "return" if local(logic) == "for" else "satisfies"

    def body(item: Any, partial: Any = None) -> Any:
        return _part(model, logic, tag, {**scope, name: item, "partial": partial})

    def each(_: Run, positional: list[Any], named: dict[str, Any]) -> Any:
        return body(*positional)

    source = {
        "for": "for i in items return body(i, partial)",
        "some": "some i in items satisfies body(i, null)",
        "every": "every i in items satisfies body(i, null)",
    }[local(logic)]
    return evaluate(source, {"items": items, "body": FeelFunction(("i", "p"), each)})


def _filter(model: Model, logic: etree._Element, scope: dict[str, Any]) -> Any:
    def match(_: Run, positional: list[Any], named: dict[str, Any]) -> Any:
        item = positional[0]
        inner = {**scope, "item": item, **(item if isinstance(item, dict) else {})}
        return _part(model, logic, "match", inner)

    items = _part(model, logic, "in", scope)
    return evaluate("items[f(item)]", {"items": items, "f": FeelFunction(("i",), match)})


BOXED = {
    "context": _context,
    "invocation": _invocation,
    "list": _list,
    "relation": _relation,
    "functionDefinition": lambda model, logic, scope: model.function(logic, scope),
    "conditional": _conditional,
    "for": _loop,
    "some": _loop,
    "every": _loop,
    "filter": _filter,
}


def node_value(node: etree._Element) -> Any:
    """The value a test case writes for an input or a result."""
    for child in node:
        kind = local(child)
        if kind == "list" and child.get(XSI + "nil") != "true":
            return [node_value(item) for item in child.iterfind("{*}item")]
        if kind == "value":
            return typed_value(child)
    components = list(node.iterfind("{*}component"))
    return {c.get("name"): node_value(c) for c in components} if components else None


def typed_value(element: etree._Element) -> Any:
    text = (element.text or "").strip() if element.get(XSI + "type") else element.text or ""
    if element.get(XSI + "nil") == "true":
        return None
    kind = (element.get(XSI + "type") or "string").split(":")[-1]
    if kind == "string":
        return element.text or ""
    if kind == "boolean":
        return text in ("true", "1")
    if kind in ("decimal", "double", "integer", "int", "float", "long"):
        return Decimal(text)
    value = evaluate("@" + '"' + text + '"')
    if value is None:
        raise OutOfReach("years or fractions beyond Python's dates")
    return value


def same(found: Any, wanted: Any) -> bool:
    """Whether a result is the one expected; numbers as far as the kit writes them."""
    if isinstance(found, Decimal) and isinstance(wanted, Decimal):
        return abs(found - wanted) <= Decimal("1e-8") * max(1, abs(wanted))
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[k], wanted[k]) for k in wanted)
    if isinstance(found, dt.time) and isinstance(wanted, dt.time):
        return str(found) == str(wanted)
    return type(found) is type(wanted) and found == wanted


@dataclass
class Outcome:
    """What became of one case."""

    kind: str
    folder: str
    case: str
    passed: bool
    cause: str = ""
    detail: str = ""


def cause_of(source: str) -> str:
    """The likely reason of a failure, read off the decision's own text."""
    for pattern, cause in (
        (r"\b\d{5,}-\d\d-\d\d|\"-\d{4,}-\d\d", "years or fractions beyond Python's dates"),
        (r"\.\d{7,}", "years or fractions beyond Python's dates"),
        (r"external|java", "external functions"),
        (r"instance of \w*t\w*_?\d*|typeRef=\"t", "item definitions"),
        (r"<import", "imports"),
    ):
        if re.search(pattern, source):
            return cause
    return "other"


def run_case(model: Model, folder: str, case: etree._Element) -> list[Outcome]:
    """The outcome of each result that a test case expects."""
    outcomes: list[Outcome] = []
    for result in case.iterfind("{*}resultNode"):
        name = result.get("name") or ""
        decision = model.decisions.get(name)
        if decision is None or case.get("type") == "decisionService":
            continue
        logic = logic_of(decision)
        kind = local(logic) if logic is not None and local(logic) in SEPARATE else "boxed"
        label = f"{case.get('id')}/{name}"
        expected = result.find("{*}expected")
        text = etree.tostring(decision, encoding="unicode")
        try:
            inputs = {n.get("name"): node_value(n) for n in case.iterfind("{*}inputNode")}
            wanted = None if expected is None else node_value(expected)
            found = model.decide(name, inputs)
        except OutOfReach as reason:
            outcomes.append(Outcome(kind, folder, label, False, str(reason)))
            continue
        except (InvalidInput, LimitExceeded) as refusal:
            found, wanted = refusal, None if result.get("errorResult") == "true" else ...
            if wanted is None:
                found = None
        if same(found, wanted):
            outcomes.append(Outcome(kind, folder, label, True))
        else:
            detail = f"expected {wanted!r}, found {found!r}"
            outcomes.append(Outcome(kind, folder, label, False, cause_of(text), detail))
    return outcomes


def run_folder(folder: Path) -> list[Outcome]:
    """All outcomes of one folder of the kit."""
    outcomes: list[Outcome] = []
    for tests in sorted(folder.glob("*-test-*.xml")):
        root = etree.parse(tests).getroot()
        model = Model(folder / (root.findtext("{*}modelName") or "").strip())
        for case in root.iterfind("{*}testCase"):
            outcomes += run_case(model, folder.name, case)
    return outcomes


def report(outcomes: list[Outcome], verbose: bool) -> None:
    """Print the figures, then the failures by folder and cause."""
    labels = {
        "literalExpression": "literal expressions",
        "decisionTable": "decision tables",
        "boxed": "other boxed expressions",
    }
    for kind, label in labels.items():
        mine = [o for o in outcomes if o.kind == kind]
        passed = sum(o.passed for o in mine)
        share = f" ({100 * passed / len(mine):.1f} %)" if mine else ""
        print(f"{label}: {passed} of {len(mine)} pass{share}")
    failures: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        if not outcome.passed:
            failures[outcome.folder][outcome.cause] += 1
    for folder, causes in sorted(failures.items()):
        parts = ", ".join(f"{cause}: {count}" for cause, count in causes.most_common())
        print(f"  {folder}: {parts}")
    if verbose:
        for o in outcomes:
            if not o.passed:
                print(f"    {o.folder} {o.case} [{o.cause}] {o.detail}")


def main(arguments: list[str]) -> int:
    """Run the kit; 0 even when cases fail: the figures are the result."""
    verbose = "--verbose" in arguments
    given = [a for a in arguments if not a.startswith("--")]
    folder = Path(given[0]) if given else DEFAULT_FOLDER
    folders = sorted(folder.glob("compliance-level-[23]/*/"))
    if not folders:
        print(f"No DMN compliance kit in {folder}: nothing was checked. Give its folder.")
        return 0
    report([outcome for each in folders for outcome in run_folder(each)], verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
