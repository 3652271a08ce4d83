"""The page of conformity: every rule of the DSR is shown, or excused, and the page says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from conformity import ORACLES, PAGE, RULES, conformity, main
from tracing.examples import read_examples
from tracing.oracles import Oracles, oracle_faults, read_oracles
from tracing.places import read_places
from tracing.rules import read_chapters
from tracing.tags import Fault, rules_in

from workflow.settings import PROJECT

pytestmark = pytest.mark.slow


@cache
def page() -> tuple[str, list[str]]:
    """The page as it would be written now, and what is wrong with the tags."""
    return conformity(PROJECT)


def altered(folder: Path, change: Callable[[str], str], file: str = RULES) -> Path:
    """A project like this one, except for one file of its docs."""
    for name in ("bpmn", "forms", "tests", "workflow", "api", "web"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / "docs").mkdir()
    for name in (RULES, ORACLES, PAGE):
        text = (PROJECT / name).read_text(encoding="utf-8")
        (folder / name).write_text(change(text) if name == file else text, encoding="utf-8")
    return folder


def story(folder: Path, top: str) -> None:
    place = folder / "bpmn" / "scenarios"
    place.mkdir(parents=True)
    step = "{until: 2022-10-03, expect: {queue: []}}"
    text = f"scenario: Une histoire sans fin\ncampaign: a\n{top}\nsteps:\n  - {step}\n"
    (place / "histoire.yaml").write_text(text, encoding="utf-8")


def test_every_rule_of_the_dsr_has_an_example_or_a_reason() -> None:
    assert page()[1] == []


def test_the_page_says_what_the_tags_say() -> None:
    kept = (PROJECT / PAGE).read_text(encoding="utf-8")
    assert kept == page()[0], "older than the tags: run make conformity"
    assert "**83 sur 83**" in kept


def test_every_link_of_the_page_leads_to_a_file() -> None:
    links = {part.partition(")")[0] for part in page()[0].split("](../")[1:]}
    assert len(links) > 100
    assert [link for link in links if not (PROJECT / link).is_file()] == []


def test_a_rule_that_nothing_shows_fails_the_command_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_reason(text: str) -> str:
        before, reason, after = text.partition(', reason: "Procédure à venir : la demande de fi')
        assert reason
        return before + after[after.index("}") :]

    assert main([], altered(tmp_path, without_reason)) == 1
    assert "Rule 9 (" in capsys.readouterr().err
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == page()[0], "nothing is written over"


def test_a_reason_beside_an_example_is_refused(tmp_path: Path) -> None:
    end = 'jour exclu."'
    excused = altered(tmp_path, lambda text: text.replace(end, f'{end}, reason: "Plus tard."'))
    told = conformity(excused)[1]
    assert any(fault.startswith("Rule 46 (") and "Expected no reason" in fault for fault in told)


def test_a_page_that_is_older_than_the_tags_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = altered(tmp_path, lambda text: text.replace("Conformité", "Conformités", 1), PAGE)
    assert main(["--check"], old) == 1
    assert "make conformity" in capsys.readouterr().err
    assert main([], old) == 0
    assert main(["--check"], old) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("- {rule: 2,", "- {rule: 1,", 1),
        lambda text: text.replace("- {rule: 83,", "- {rule: 84,", 1),
        lambda text: text.replace("dsr: Annexe", 'dsr: ""', 1),
        lambda text: text.replace("reason:", "why:", 1),
    ],
    ids=["twice", "beyond", "no section", "unknown key"],
)
def test_a_list_that_is_not_the_83_rules_is_refused(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    with pytest.raises(Fault, match="Expected"):
        read_chapters(altered(tmp_path, change) / RULES)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Rien.", ()),
        ("[DSR 4.2] [règle 53] Une question.", (53,)),
        ("[DSR 4.2, 4.4] [règles 53 66] Deux délais.", (53, 66)),
    ],
)
def test_a_tag_names_its_rules(text: str, rules: tuple[int, ...]) -> None:
    faults: list[str] = []
    assert rules_in(text, "ici", faults) == rules
    assert faults == []


@pytest.mark.parametrize(
    "text",
    ["[règle 84]", "[règle 0]", "[regle 5]", "[règles 5, 6]", "[règle 5 6]", "[règles 5 5]"],
)
def test_a_tag_that_names_no_rule_is_a_fault(text: str) -> None:
    faults: list[str] = []
    rules_in(text, "ici", faults)
    assert [fault for fault in faults if fault.startswith("ici: Expected")]


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        ("@pytest.mark.rule(53, 66)\ndef test_a() -> None: ...\n", (53, 66)),
        ("@pytest.mark.slow\n@pytest.mark.rule(1)\ndef test_a() -> None: ...\n", (1,)),
        ("class TestA:\n    @pytest.mark.rule(1)\n    def test_a(self) -> None: ...\n", (1,)),
    ],
)
def test_the_marker_of_a_test_names_its_rules(
    tmp_path: Path, body: str, rules: tuple[int, ...]
) -> None:
    faults: list[str] = []
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(f"import pytest\n\n{body}", encoding="utf-8")
    assert [example.rules for example in read_examples(tmp_path, faults)] == [rules]
    assert faults == []


@pytest.mark.parametrize(
    "body",
    [
        "@pytest.mark.rule(84)\ndef test_a() -> None: ...\n",
        "@pytest.mark.rule\ndef test_a() -> None: ...\n",
        "@pytest.mark.rule('53')\ndef test_a() -> None: ...\n",
        "@pytest.mark.rule(53, LATER)\ndef test_a() -> None: ...\n",
        "@pytest.mark.rule(53)\ndef a() -> None: ...\n",
        "@pytest.mark.rule(53)\nclass TestA: ...\n",
        "@pytest.mark.skip\n@pytest.mark.rule(53)\ndef test_a() -> None: ...\n",
        "@pytest.mark.xfail(strict=True)\n@pytest.mark.rule(53)\ndef test_a() -> None: ...\n",
        "pytestmark = pytest.mark.rule(53)\ndef test_a() -> None: ...\n",
    ],
)
def test_a_marker_that_shows_nothing_is_a_fault(tmp_path: Path, body: str) -> None:
    faults: list[str] = []
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(f"import pytest\n\n{body}", encoding="utf-8")
    read_examples(tmp_path, faults)
    assert [fault for fault in faults if fault.startswith("tests/test_a.py, ")]


def test_a_story_names_its_rules_under_a_key(tmp_path: Path) -> None:
    faults: list[str] = []
    story(tmp_path, "rules: [53, 66, 99]")
    [example] = read_examples(tmp_path, faults)
    assert (example.name, example.rules) == ("Une histoire sans fin", (53, 66))
    assert len(faults) == 1
    assert "found 99" in faults[0]


def test_a_parameter_carries_the_rules_of_what_reads_it() -> None:
    carried = {
        place.name: set(place.rules)
        for place in read_places(PROJECT, [])
        if place.kind == "parameter"
    }
    assert carried["delays.admissibility_solicitation"] == {53}
    assert carried["delays.solicitation_abandon"] == {66}
    assert 46 in carried["closes_at"]
    assert 67 in carried["college"]


@pytest.fixture
def oracles() -> Oracles:
    """What the project's scenarios have to meet."""
    return read_oracles(PROJECT / ORACLES)


def test_a_delay_without_its_seconds_is_a_fault(oracles: Oracles) -> None:
    first, *others = oracles.edges
    later = replace(first, fires_at=first.fires_at + timedelta(seconds=2))
    lost = replace(first, scenario="nulle_part")
    for edges in ((later, *others), (lost, *others), tuple(others)):
        told = list(oracle_faults(PROJECT, replace(oracles, edges=edges)))
        assert told
        assert all("opens_at" in fault for fault in told)


def test_a_date_that_its_scenario_does_not_show_is_a_fault(oracles: Oracles) -> None:
    for number, date in enumerate(oracles.dates):
        wrong = replace(date, expected=date.expected + timedelta(days=1))
        dates = (*oracles.dates[:number], wrong, *oracles.dates[number + 1 :])
        [fault] = oracle_faults(PROJECT, replace(oracles, dates=dates))
        assert fault.startswith(date.text)


def test_a_reading_names_what_exists_or_says_why_nothing_does(oracles: Oracles) -> None:
    first, *others = oracles.readings
    for reading in (
        replace(first, shown_by=("bpmn/scenarios/nulle_part.yaml",)),
        replace(first, shown_by=("tests/house/test_conformity.py::test_nothing",)),
        replace(first, shown_by=()),
        replace(first, reason="Plus tard."),
    ):
        [fault] = oracle_faults(PROJECT, replace(oracles, readings=(reading, *others)))
        assert fault.startswith("A1:")
    assert list(oracle_faults(PROJECT, replace(oracles, readings=tuple(others))))
