"""Stories that cannot be played are refused with the place of the fault; the others are read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflow.errors import InvalidInput
from workflow.scenarios import InvalidScenario, Procedure, Report, read, run

DEPOSIT = "at: 2022-10-03T09:00, actor: operator, start: deposit_dossier"
CHECK = "at: 2022-10-03T10:00, complete: check_admissibility"


def story(*steps: str, top: str = "") -> str:
    lines = ["scenario: Histoire", "campaign: dsr-ope-mss-2022", top, "steps:"]
    return "\n".join([*lines, *(f"  - {{{step}}}" for step in steps)]) + "\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "histoire.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def told(folder: Path, procedure: Procedure, text: str) -> Report:
    return run(read(written(folder, text)), procedure)


def differences(report: Report) -> list[str]:
    return [difference for step in report.steps for difference in step.differences]


ENDED = "expect: {ended: null}"
BAD = {
    "an empty file": "",
    "a text": "Il était une fois",
    "a list": "- a\n- b\n",
    "broken YAML": "scenario: [a\n",
    "a tab": "scenario:\n\t- a\n",
    "a key that is a list": "? [a]\n: b\n",
    "a key twice": story(f"{DEPOSIT}, {ENDED}") + "campaign: other\n",
    "a key twice within a step": story(f"{DEPOSIT}, at: 2022-10-04, {ENDED}"),
    "an unknown key": story(f"{DEPOSIT}, {ENDED}", top="titre: x"),
    "an unknown key in a step": story(f"{DEPOSIT}, colour: red, {ENDED}"),
    "an unknown expectation": story(f"{DEPOSIT}, expect: {{status: listed}}"),
    "an unknown refusal": story(f"{DEPOSIT}, expect: {{refused: never}}"),
    "an unknown act": story(f"at: 2022-10-03, deposit: dossier, {ENDED}"),
    "parameters that are a word": story(f"at: 2022-10-03, set: all, basis: b, {ENDED}"),
    "a rank of nobody": story(f"at: 2022-10-03, restore_rank: [A], reason: r, {ENDED}"),
    "a reason that is a list": story(f"at: 2022-10-03, reopen: A, reason: [r], {ENDED}"),
    "two acts": story(f"{DEPOSIT}, complete: check_admissibility, {ENDED}"),
    "an act and until": story(f"until: 2022-10-03, start: deposit_dossier, {ENDED}"),
    "at and until": story(f"at: 2022-10-03, until: 2022-10-04, {ENDED}"),
    "neither at nor until": story(f"start: deposit_dossier, {ENDED}"),
    "at without an act": story(f"at: 2022-10-03, {ENDED}"),
    "no expectation": story(DEPOSIT),
    "no step": story(top="parameters: {}").replace("steps:", "steps: []"),
    "steps that are a word": "scenario: a\ncampaign: b\nsteps: all\n",
    "a step that is a word": "scenario: a\ncampaign: b\nsteps: [deposit]\n",
    "no name": story(f"{DEPOSIT}, {ENDED}").replace("scenario: Histoire", "scenario: ''"),
    "no campaign": story(f"{DEPOSIT}, {ENDED}").replace("campaign: dsr-ope-mss-2022", ""),
    "time that goes back": story(f"{DEPOSIT}, {ENDED}", "until: 2022-10-02"),
    "a time that is no time": story(f"at: tomorrow, start: deposit_dossier, {ENDED}"),
    "a day that is no day": story(f"at: 2022-02-30, start: deposit_dossier, {ENDED}"),
    "a number as a time": story(f"at: 5, start: deposit_dossier, {ENDED}"),
    "the first year": story(f"at: 0001-01-01T00:00, start: deposit_dossier, {ENDED}"),
    "the last year": story(f"until: 9999-12-31T23:59:59, {ENDED}"),
    "an actor that is a list": story(f"{DEPOSIT.replace('operator', '[a]')}, {ENDED}"),
    "a dossier that is a number": story(f"{DEPOSIT}, dossier: 5, {ENDED}"),
    "an answer that is a word": story(f"{DEPOSIT}, with: all, {ENDED}"),
    "parameters that are a list": story(f"{DEPOSIT}, {ENDED}", top="parameters: [a]"),
    "rules that are a word": story(f"{DEPOSIT}, {ENDED}", top="rules: toutes"),
    "a rule that is no number": story(f"{DEPOSIT}, {ENDED}", top='rules: ["53"]'),
    "a rule that is yes": story(f"{DEPOSIT}, {ENDED}", top="rules: [true]"),
    "a rule below the first": story(f"{DEPOSIT}, {ENDED}", top="rules: [0]"),
    "decisions that are a list": story(f"at: 2022-10-06, convene: college, decide: [A], {ENDED}"),
    "a decision without outcome": story(
        f"at: 2022-10-06, convene: college, decide: {{A: {{reasons: x}}}}, {ENDED}"
    ),
    "reservations that are a word": story(
        "at: 2022-10-06, convene: college,"
        f" decide: {{A: {{outcome: award, reservations: x}}}}, {ENDED}"
    ),
    "a loop of aliases": "scenario: &a [*a]\ncampaign: x\nsteps: *a\n",
    "a file that unfolds": "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
        for a, b in zip("abcdef", "bcdefg", strict=True)
    ),
    "ten thousand brackets": "scenario: " + "[" * 10_000 + "]" * 10_000,
    "a tag that asks for Python": "scenario: !!python/object/apply:os.getcwd []\n",
}


@pytest.mark.parametrize("text", BAD.values(), ids=list(BAD))
def test_a_story_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidScenario, match="Expected") as refusal:
        read(written(tmp_path, text))
    assert refusal.value.code == "invalid_scenario"


def test_a_story_may_name_the_rules_it_shows(tmp_path: Path) -> None:
    named = read(written(tmp_path, story(f"{DEPOSIT}, {ENDED}", top="rules: [53, 66]")))
    assert named.rules == (53, 66)
    assert read(written(tmp_path, story(f"{DEPOSIT}, {ENDED}"))).rules == ()


def test_a_story_of_ten_megabytes_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidScenario, match="bytes"):
        read(written(tmp_path, "#" * 10_000_000))


def test_a_story_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "histoire.yaml"
    path.write_bytes("scenario: déposé\n".encode("latin-1"))
    with pytest.raises(InvalidScenario, match="UTF-8"):
        read(path)


@pytest.mark.parametrize(
    "text",
    [
        story(f"{CHECK}, {ENDED}"),
        story(f"{DEPOSIT}, dossier: A, expect: {{waiting: []}}", f"{CHECK}, dossier: B"),
        story(f"{DEPOSIT.replace('operator', 'nobody')}, {ENDED}"),
        story(f"{DEPOSIT}, {ENDED}").replace("dsr-ope-mss-2022", "dsr-2032"),
        story(f"{DEPOSIT}, {ENDED}").replace("dsr-ope-mss-2022", "../campaigns/x"),
        story(f"at: 2022-10-03, start: reapply, {ENDED}"),
        story(f"at: 2022-10-03, start: reapply, of: Z, {ENDED}"),
        story(f"at: 2022-10-03, convene: parliament, {ENDED}"),
        story(f"at: 2022-10-06, convene: college, decide: {{Z: award}}, {ENDED}"),
        story(f"{DEPOSIT}, expect: {{waiting: check_admissibility}}"),
        story(f"{DEPOSIT}, expect: {{due: 2022-10-10}}"),
        story(f"{DEPOSIT}, expect: {{due: {{check_admissibility: soon}}}}"),
        story(f"{DEPOSIT}, expect: {{clock: [instruction]}}"),
        story(f"{DEPOSIT}, expect: {{clock: {{instruction: 3}}}}"),
        story(f"{DEPOSIT}, expect: {{clock: {{instruction: {{speed: 3}}}}}}"),
        story(f"{DEPOSIT}, expect: {{clock: {{instruction: {{active: 3 days}}}}}}"),
        story(f"{DEPOSIT}, expect: {{variables: [deposit]}}"),
        story(f"{DEPOSIT}, expect: {{flags: deprioritised}}"),
    ],
)
def test_a_story_about_what_does_not_exist_is_refused(
    tmp_path: Path, procedure: Procedure, text: str
) -> None:
    with pytest.raises(InvalidScenario, match="Expected"):
        told(tmp_path, procedure, text)


def test_parameters_that_no_campaign_allows_are_refused(
    tmp_path: Path, procedure: Procedure
) -> None:
    text = story(f"{DEPOSIT}, {ENDED}", top="parameters: {opens_at: demain}")
    with pytest.raises(InvalidInput, match="opens_at"):
        told(tmp_path, procedure, text)


@pytest.mark.parametrize(
    "at",
    [
        "2022-10-27T10:00",
        "2022-10-27T10:00:00",
        "2022-10-27 10:00:00",
        "'2022-10-27T10:00'",
        '"2022-10-27T10:00:00"',
        "2022-10-27T08:00:00Z",
        "'2022-10-27T08:00Z'",
        "2022-10-27T10:00+02:00",
        "2022-10-27T09:00:00+01:00",
    ],
)
def test_one_instant_may_be_written_in_many_ways(tmp_path: Path, at: str) -> None:
    text = story(f"at: {at}, start: deposit_dossier, {ENDED}")
    assert read(written(tmp_path, text)).steps[0].at == datetime(2022, 10, 27, 8, tzinfo=UTC)


def test_a_day_alone_is_its_midnight_in_paris(tmp_path: Path) -> None:
    text = story(f"until: 2022-10-27, {ENDED}")
    assert read(written(tmp_path, text)).steps[0].at == datetime(2022, 10, 26, 22, tzinfo=UTC)


def test_a_refusal_that_does_not_come_is_told(tmp_path: Path, procedure: Procedure) -> None:
    report = told(tmp_path, procedure, story(f"{DEPOSIT}, expect: {{refused: conflict}}"))
    assert differences(report) == ["refused: expected conflict but got none"]
    assert not report.passed


def test_another_refusal_than_the_one_told_is_told(tmp_path: Path, procedure: Procedure) -> None:
    step = f"{CHECK}, actor: instructor, expect: {{refused: conflict, waiting: [sign_convention]}}"
    refused, waiting = differences(told(tmp_path, procedure, story(DEPOSIT, step)))
    assert refused.startswith("refused: expected conflict but got not_allowed (Expected the role")
    assert waiting == "waiting: expected [sign_convention] but got [check_admissibility]"


def test_a_refusal_that_nobody_told_fails_the_step(tmp_path: Path, procedure: Procedure) -> None:
    report = told(tmp_path, procedure, story(f"{DEPOSIT}, {ENDED}", f"{CHECK}, actor: instructor"))
    assert [bool(step.differences) for step in report.steps] == [False, True]


def test_each_kind_of_expectation_tells_what_it_found(tmp_path: Path, procedure: Procedure) -> None:
    expected = (
        "waiting: [], waits_for: [a], flags: [b], ended: listed, notified: [support],"
        " events: ['a:b'], due: {check_admissibility: 2022-10-01}, queue: [A],"
        " clock: {instruction: {active: P1D, running: true}}, variables: {restart_at: x}"
    )
    found = differences(told(tmp_path, procedure, story(f"{DEPOSIT}, expect: {{{expected}}}")))
    assert [difference.split(":")[0].split()[0] for difference in found] == [
        "waiting",
        "waits_for",
        "flags",
        "ended",
        "notified",
        "events",
        "due",
        "queue",
        "clock",
        "clock",
        "variables",
    ]


def test_one_step_may_expect_of_several_dossiers(tmp_path: Path, procedure: Procedure) -> None:
    text = story(
        f"{DEPOSIT}, dossier: A",
        f"{DEPOSIT}, dossier: B",
        f"{CHECK}, dossier: A",
        "until: 2022-10-03T11:00, expect: {waiting:"
        " {A: [sign_convention, submit_proofs], B: [check_admissibility]}, ended: {A: listed}}",
    )
    assert differences(told(tmp_path, procedure, text)) == [
        "ended of A: expected listed but got None"
    ]


def test_parameters_are_merged_into_the_campaign(tmp_path: Path, procedure: Procedure) -> None:
    text = story(
        DEPOSIT,
        f"{CHECK}, with: {{outcome: solicit}},"
        " expect: {due: {answer_admissibility_solicitation: 2022-10-05}}",
        top="parameters: {delays: {admissibility_solicitation: {amount: 2}}}",
    )
    assert differences(told(tmp_path, procedure, text)) == []


def test_time_that_passes_is_inclusive(tmp_path: Path, procedure: Procedure) -> None:
    text = story(
        DEPOSIT,
        f"{CHECK}, with: {{outcome: solicit}}",
        "until: '2022-10-10T23:59:59', expect: {ended: null}",
        "until: 2022-10-11T00:00, expect: {ended: rejected_no_answer, notified: [operator]}",
    )
    assert differences(told(tmp_path, procedure, text)) == []


def test_two_runs_of_a_story_are_alike(tmp_path: Path, procedure: Procedure) -> None:
    text = story(DEPOSIT, f"{CHECK}, expect: {{ended: listed}}")
    first, second = (told(tmp_path, procedure, text).as_json() for _ in range(2))
    assert first == second


def test_a_dossier_whose_deposit_was_refused_has_no_variables(
    tmp_path: Path, procedure: Procedure
) -> None:
    refused = "with: {siret: '1'}, expect: {refused: invalid_answer, variables: {anything: null}}"
    assert differences(told(tmp_path, procedure, story(f"{DEPOSIT}, {refused}"))) == []


@pytest.mark.parametrize("queue", ["null", "[]"])
def test_an_empty_queue_is_written_like_any_other_empty_list(
    tmp_path: Path, procedure: Procedure, queue: str
) -> None:
    told_story = story(f"{DEPOSIT}, expect: {{queue: {queue}}}")
    assert differences(told(tmp_path, procedure, told_story)) == []


def test_a_queue_that_is_no_list_is_refused(tmp_path: Path, procedure: Procedure) -> None:
    with pytest.raises(InvalidScenario, match="list under queue"):
        told(tmp_path, procedure, story(f"{DEPOSIT}, expect: {{queue: A}}"))
