"""Conventions that nobody has to remember, since they fail the build."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from lxml import etree

from workflow.domain.audit_kinds import AuditKind
from workflow.errors import JalonError
from workflow.service_tasks import registry
from workflow.settings import PROJECT

PACKAGES = ("workflow", "api", "web")
SOURCES = sorted(path for name in PACKAGES for path in (PROJECT / name).rglob("*.py"))
EVERYTHING = [
    *SOURCES,
    *(path for name in ("benchmarks", "bpmn", "tests") for path in (PROJECT / name).rglob("*.py")),
]
BPMN = {"b": "http://www.omg.org/spec/BPMN/20100524/MODEL"}
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"

LONGEST = 300
LONG_MODULES = {
    "workflow/delay.py": "one rule of counting after the other, each with its source",
    "workflow/domain/campaign_parameters.py": "every parameter of a campaign, with its faults",
}
KEPT_NAMES = {"workflow/db.py": {"Base"}}
"""What libraries call so: SQLAlchemy's declarative base."""
NEVER_RECORDED = {AuditKind.DEADLINE_SET: "a deadline stands in a table of its own, with its sum"}


def place(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


@cache
def imported(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return frozenset(found)


def importers(library: str) -> set[str]:
    return {
        place(path)
        for path in EVERYTHING
        if any(name.split(".")[0] == library for name in imported(path))
    }


def test_imports_go_down_only() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(command), "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_engine_is_known_to_one_package_only() -> None:
    allowed = ("workflow/engine/spiff/", "benchmarks/", "tests/")
    assert [name for name in importers("SpiffWorkflow") if not name.startswith(allowed)] == []
    assert "workflow/engine/spiff/library.py" in importers("SpiffWorkflow")


@pytest.mark.slow
def test_the_scheduler_is_known_to_the_worker_only() -> None:
    assert importers("apscheduler") == {"workflow/worker.py"}


@pytest.mark.slow
@pytest.mark.parametrize("library", ["flask", "jinja2", "werkzeug", "click", "waitress"])
def test_the_workflow_knows_nothing_of_the_web(library: str) -> None:
    assert [name for name in importers(library) if name.startswith("workflow/")] == []


def diagrams() -> Iterator[tuple[Path, etree._Element]]:
    for path in sorted((PROJECT / "bpmn").glob("*.bpmn")):
        yield path, etree.parse(path).getroot()


def test_every_operation_is_drawn_and_every_drawn_operation_exists() -> None:
    drawn = {
        operator.get("id")
        for _, root in diagrams()
        for operator in root.iter(f"{SPIFF}serviceTaskOperator")
    }
    assert drawn == set(registry.load())


def test_every_module_of_operations_is_registered() -> None:
    files = {path.stem for path in (PROJECT / "workflow" / "service_tasks").glob("*.py")}
    assert files - {"__init__", "registry"} == set(registry.MODULES)


def test_every_form_is_asked_for_and_every_form_asked_for_exists() -> None:
    asked = {"ssi_questionnaire"}  # filled in on the dossier, before its proofs are submitted
    for _, root in diagrams():
        for setting in root.iter(f"{SPIFF}property"):
            name, value = setting.get("name"), setting.get("value") or ""
            if name in ("formJsonSchemaFilename", "form", "otherForms"):
                asked |= {key.strip().removesuffix(".json") for key in value.split(",")}
    assert asked == {path.stem for path in (PROJECT / "forms").glob("*.json")}


@pytest.mark.parametrize("path", sorted((PROJECT / "forms").glob("*.json")), ids=lambda p: p.stem)
def test_a_form_has_a_name_of_its_own(path: Path) -> None:
    assert json.loads(path.read_text(encoding="utf-8"))["id"] == path.stem


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "bpmn" / "scenarios").glob("*.yaml")), ids=lambda p: p.stem
)
def test_a_story_begins_with_a_french_sentence(path: Path) -> None:
    sentence = yaml.safe_load(path.read_text(encoding="utf-8"))["scenario"]
    assert re.match(r"(Les?|La|L’|Une?|Des|Du|De|Après|Sans|Quand|Mauvais|\d+) ?\w", sentence)
    assert len(sentence.split()) >= 4


def modules() -> Iterator[ModuleType]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            yield importlib.import_module(found.name)


def refusals() -> list[type[JalonError]]:
    assert list(modules())
    found: list[type[JalonError]] = []
    ahead: list[type[JalonError]] = [JalonError]
    while ahead:
        kind = ahead.pop()
        found.append(kind)
        ahead += kind.__subclasses__()
    return [kind for kind in dict.fromkeys(found) if kind.__module__.split(".")[0] in PACKAGES]


def test_every_refusal_has_a_stable_code_of_its_own_and_a_status() -> None:
    owners: dict[str, str] = {}
    for kind in refusals():
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", kind.code), kind
        assert 400 <= kind.http_status < 500, kind
        assert kind.__doc__, kind
        if "code" in vars(kind):
            assert owners.setdefault(kind.code, kind.__qualname__) == kind.__qualname__
    assert len(owners) > 10


@cache
def recorded() -> list[tuple[str, ast.expr]]:
    """The kinds given to the log: by `record`, `Event` and `Cause`."""
    found: list[tuple[str, ast.expr]] = []
    for path in SOURCES:
        for node in nodes(path):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called not in ("record", "Event", "Cause"):
                continue
            named = [word.value for word in node.keywords if word.arg == "kind"]
            found += ((place(path), kind) for kind in named or node.args[:1])
    return found


@pytest.mark.slow
def test_what_is_recorded_is_in_the_list_of_kinds() -> None:
    known = {str(kind) for kind in AuditKind}
    written = [
        (where, kind.value)
        for where, kind in recorded()
        if isinstance(kind, ast.Constant) and isinstance(kind.value, str)
    ]
    assert [found for found in written if found[1] not in known] == []
    assert [where for where, kind in recorded() if isinstance(kind, ast.JoinedStr)] == []


@pytest.mark.slow
def test_every_kind_is_a_noun_and_a_past_verb_and_is_recorded_somewhere() -> None:
    verbs = "ed|sent|set|left|held|drawn|taken|seen|given"
    past = re.compile(rf"[a-z]+(_[a-z]+)*:[a-z_]*({verbs})(_[a-z]+)*")
    assert [kind for kind in AuditKind if not past.fullmatch(kind)] == []
    used = {
        node.attr
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "AuditKind"
    }
    assert {kind for kind in AuditKind if kind.name not in used} == set(NEVER_RECORDED)


def test_names_say_what_a_thing_is() -> None:
    banned = re.compile(r"(Manager|Helper|Util|Utils|Base|Impl|Service|Handler|Data|Info)$")
    found = [
        (place(path), node.name)
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.ClassDef) and banned.search(node.name)
    ]
    assert [(w, name) for w, name in found if name not in KEPT_NAMES.get(w, set())] == []


def test_modules_are_short() -> None:
    long = {
        place(path)
        for path in SOURCES
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    }
    assert long == set(LONG_MODULES)


@cache
def calls(path: Path) -> frozenset[str]:
    return frozenset(
        ast.unparse(node.func)
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )


def test_only_the_transaction_of_a_door_commits() -> None:
    found = [place(path) for path in SOURCES if any(c.endswith(".commit") for c in calls(path))]
    assert found == []


def test_domain_verbs_and_operations_open_no_transaction() -> None:
    floors = ("workflow/service_tasks/", "workflow/domain/")
    found = [
        place(path)
        for path in SOURCES
        if place(path).startswith(floors) and any(c.endswith(".transaction") for c in calls(path))
    ]
    assert found == ["workflow/domain/demo_clock.py"], "the demo's clock is a door of its own"


def test_only_the_clock_reads_the_wall_clock() -> None:
    readings = {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "time.localtime",
        "dt.datetime.now",
        "dt.date.today",
        "datetime.datetime.now",
        "datetime.date.today",
    }
    found = {place(path) for path in SOURCES if readings & calls(path)}
    assert found == {"workflow/clock.py"}


def test_nothing_names_a_machine_or_a_registry() -> None:
    words = ("pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "/ro" + "ot/")
    machine = re.compile(r"(?<![\w.<])/(work|home)/(?!\w*[<{])")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a clone: there is no list of the project's files")
    found: list[str] = []
    for name in listed.stdout.split("\0"):
        path = PROJECT / name
        if not name or not path.is_file() or name == "tests/house/test_house_rules.py":
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if any(word in text for word in words) or machine.search(text):
            found.append(name)
    assert found == []
