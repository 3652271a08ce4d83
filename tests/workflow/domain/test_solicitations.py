"""Solicitations: what each is now, how it is answered, and how it is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk
from sqlalchemy import select

from workflow.domain import deadline, solicitation, solicitation_answer, solicitation_states
from workflow.domain.notification import Notification
from workflow.domain.person import Actor
from workflow.domain.solicitation import Solicitation
from workflow.errors import Conflict, InvalidAnswer


def asked(desk: Desk, kind: str = "instruction", *questions: str) -> int:
    """A dossier with an open solicitation, and its first step set as the diagram does."""
    dossier_id = desk.deposited()
    call = desk.call(dossier_id)
    sent = solicitation.send(call, kind, list(questions or ("SIRET ?", "Contrat ?")))
    deadline.deadline(
        desk.session,
        campaign=desk.campaign,
        dossier_id=dossier_id,
        key=solicitation_states.FIRST_STEP[kind],
        start=sent["sent_at"],
        now=call.effective_at,
    )
    return dossier_id


def state(desk: Desk, dossier_id: int) -> solicitation_states.State:
    found = solicitation.of_dossier(desk.session, dossier_id)
    states = solicitation_states.states_of(desk.session, dossier_id, found, desk.clock.now())
    return states[found[-1].id]


def only(desk: Desk, dossier_id: int) -> Solicitation:
    (found,) = solicitation.of_dossier(desk.session, dossier_id)
    return found


def answers(desk: Desk, dossier_id: int) -> list[str | None]:
    found = solicitation.questions_of(desk.session, only(desk, dossier_id).id)
    return [question.answer for question in found]


@pytest.mark.rule(64)
def test_a_solicitation_is_sent_seen_late_and_answered(desk: Desk) -> None:
    dossier_id = asked(desk)
    assert state(desk, dossier_id).name == "sent"
    desk.at("2022-10-03T12:00")
    solicitation.note_seen(desk.call(dossier_id, desk.operator()))
    assert state(desk, dossier_id).name == "seen"
    desk.at("2022-10-04T08:59")
    assert state(desk, dossier_id).name == "seen"
    desk.at("2022-10-04T09:00")
    assert (state(desk, dossier_id).name, state(desk, dossier_id).was_late) == ("late", True)
    solicitation_answer.record(desk.call(dossier_id, desk.operator()), "Voici.")
    assert (state(desk, dossier_id).name, state(desk, dossier_id).was_late) == ("answered", True)


@pytest.mark.rule(53)
def test_an_admissibility_question_is_late_from_the_midnight_of_its_last_day(desk: Desk) -> None:
    dossier_id = asked(desk, "admissibility")
    desk.at("2022-10-10T23:59:59")
    assert state(desk, dossier_id).name == "sent"
    desk.at("2022-10-11T00:00")
    assert state(desk, dossier_id).name == "late"


def test_a_dossier_that_ends_closes_its_solicitation_without_an_answer(desk: Desk) -> None:
    dossier_id = asked(desk)
    solicitation.close_open(desk.call(dossier_id))
    assert (state(desk, dossier_id).name, state(desk, dossier_id).was_late) == ("closed", False)


def test_the_states_of_two_solicitations_are_told_apart(desk: Desk) -> None:
    dossier_id = asked(desk)
    desk.at("2022-10-05T09:00")
    solicitation_answer.record(desk.call(dossier_id, desk.operator()), "Tard.")
    call = desk.call(dossier_id)
    sent = solicitation.send(call, "instruction", ["Encore ?"])
    deadline.deadline(
        desk.session,
        campaign=desk.campaign,
        dossier_id=dossier_id,
        key="solicitation_deprioritise",
        start=sent["sent_at"],
        now=call.effective_at,
    )
    found = solicitation.of_dossier(desk.session, dossier_id)
    states = solicitation_states.states_of(desk.session, dossier_id, found, desk.clock.now())
    assert [(states[each.id].name, states[each.id].was_late) for each in found] == [
        ("answered", True),
        ("sent", False),
    ]


def test_the_first_sight_alone_is_kept_and_moves_no_date(desk: Desk) -> None:
    dossier_id = asked(desk)
    before = state(desk, dossier_id).first_step_at
    first = desk.at("2022-10-03T12:00").call(dossier_id, desk.operator())
    solicitation.note_seen(first)
    assert [entry.kind for entry in first.entries] == ["solicitation:seen"]
    again = desk.at("2022-10-03T13:00").call(dossier_id, desk.operator())
    solicitation.note_seen(again)
    assert again.entries == []
    assert only(desk, dossier_id).seen_at == first.effective_at
    assert state(desk, dossier_id).first_step_at == before


@pytest.mark.parametrize("who", ["instructor", "stranger"])
def test_nobody_else_sees_for_the_operator(desk: Desk, who: str) -> None:
    dossier_id = asked(desk)
    other: Actor = desk.operator(1) if who == "stranger" else desk.agent("instructor")
    solicitation.note_seen(desk.call(dossier_id, other))
    assert state(desk, dossier_id).name == "sent"


def test_each_question_gets_its_own_answer_and_a_remark_may_go_with_them(desk: Desk) -> None:
    dossier_id = asked(desk)
    rows = [{"question": 2, "text": " Signé. "}, {"question": 1, "text": "Le voici."}]
    call = desk.call(dossier_id, desk.operator())
    solicitation_answer.record(call, "Bien à vous.", rows)
    assert answers(desk, dossier_id) == ["Le voici.", "Signé."]
    assert only(desk, dossier_id).answer == "Bien à vous."
    (entry,) = [entry for entry in call.entries if entry.kind == "solicitation:answered"]
    assert entry.payload["answers"] == [[1, "Le voici."], [2, "Signé."]]


def test_one_text_answers_the_whole(desk: Desk) -> None:
    dossier_id = asked(desk)
    blank = [{"question": 1, "text": ""}, {"question": 2, "text": "  "}]
    solicitation_answer.record(desk.call(dossier_id, desk.operator()), "Tout est là.", blank)
    assert only(desk, dossier_id).answer == "Tout est là."
    assert answers(desk, dossier_id) == [None, None]


LACKING = {"answers.0.text", "answers.1.text"}


@pytest.mark.parametrize(
    ("answer", "rows", "faults"),
    [
        (None, None, {"answer"}),
        ("", [{"question": each, "text": " "} for each in (1, 2)], LACKING),
        ("Remarque.", [{"question": 1, "text": "Oui."}], {"answers"}),
        (None, [{"question": 1, "text": "Oui."}, {"question": 2, "text": ""}], {"answers.1.text"}),
        (None, [{"question": 3, "text": "Oui."}], {"answers.0.question"}),
        (None, [{"question": None, "text": "Oui."}], {"answers.0.question"}),
        (None, [{"question": 1, "text": "Oui."}] * 2, {"answers.1.question"}),
        (None, [{"question": 1, "text": "x" * 20_001}], {"answers.0.text"}),
    ],
)
def test_an_answer_that_leaves_questions_open_is_refused_where_it_lacks(
    desk: Desk, answer: str | None, rows: list[dict[str, Any]] | None, faults: set[str]
) -> None:
    dossier_id = asked(desk)
    with pytest.raises(InvalidAnswer) as refused:
        solicitation_answer.record(desk.call(dossier_id, desk.operator()), answer, rows)
    assert set(refused.value.faults) == faults
    assert only(desk, dossier_id).closed_at is None


def test_a_diagram_of_before_keeps_the_answers_to_each_question(desk: Desk) -> None:
    dossier_id = asked(desk)
    form = {"answers": [{"question": 1, "text": "Un."}, {"question": 2, "text": "Deux."}]}
    # Its service task gives `answer` alone: the form's other answers are read off the turn.
    solicitation_answer.record(desk.call(dossier_id, desk.operator(), form), None)
    assert answers(desk, dossier_id) == ["Un.", "Deux."]


def test_a_solicitation_is_withdrawn_for_a_reason_that_both_are_told(desk: Desk) -> None:
    dossier_id = asked(desk)
    desk.at("2022-10-03T15:00")
    for motive in (None, "  ", "x" * 2_001):
        with pytest.raises(InvalidAnswer):
            solicitation.withdraw(desk.call(dossier_id, desk.agent("instructor")), motive)
    solicitation.withdraw(desk.call(dossier_id, desk.agent("instructor")), " Posée à tort. ")
    assert only(desk, dossier_id).withdrawal_reason == "Posée à tort."
    assert state(desk, dossier_id).name == "withdrawn"
    told = desk.session.execute(
        select(Notification.role, Notification.body).where(
            Notification.kind == "solicitation_withdrawn"
        )
    ).all()
    assert {role for role, _body in told} == {"operator", "legal_representative"}
    assert all("Posée à tort." in body for _role, body in told)
    with pytest.raises(Conflict):
        solicitation.withdraw(desk.call(dossier_id, desk.agent("instructor")), "Encore.")
    with pytest.raises(Conflict):
        solicitation_answer.record(desk.call(dossier_id, desk.operator()), "Trop tard.")
    solicitation.send(desk.call(dossier_id), "instruction", ["Autre ?"])
