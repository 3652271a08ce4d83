"""Instruction, college and reservations: what may be decided, and what follows (DSR 4.4, 4.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desk import MEMBERS, Desk, paris

from workflow.domain import (
    admissibility,
    agenda,
    college,
    college_sessions,
    deadline,
    instruction,
    reservation,
)
from workflow.errors import Conflict, InvalidAnswer, NotFound


def verdict(code: str, judged: str = "conform") -> dict[str, Any]:
    return {"requirement": code, "verdict": judged, "comment": "vu"}


def test_the_officer_cannot_admit_what_the_table_denies(desk: Desk) -> None:
    dossier_id = desk.deposited()
    facts: dict[str, Any] = {
        "in_trust_space": True,
        "component_source": "operator",
        "contract_v2_operator_on": None,
        "contract_v2_agency_on": None,
    }
    with pytest.raises(InvalidAnswer):
        admissibility.conclude(
            desk.call(dossier_id), outcome="admissible", eligibility="exempt_buyer", **facts
        )
    admissibility.conclude(
        desk.call(dossier_id), outcome="ineligible", eligibility="exempt_buyer", **facts
    )
    assert desk.dossier(dossier_id).component_source == "operator"


@pytest.mark.rule(32, 38)
@pytest.mark.parametrize(
    "rows",
    [
        [verdict("CFG-01")],
        [verdict("APP-01")],
        [verdict("TLS-01", "perfect")],
        [verdict("TLS-01"), verdict("TLS-01", "not_conform")],
    ],
)
def test_only_applicable_requirements_are_judged_each_once(
    desk: Desk, rows: list[dict[str, Any]]
) -> None:
    with pytest.raises(InvalidAnswer):
        instruction.record_verdicts(desk.call(desk.submitted()), rows)


@pytest.mark.rule(29, 40)
def test_an_instruction_ends_with_a_settled_verdict_on_each_requirement(desk: Desk) -> None:
    dossier_id = desk.submitted(profiles=["bal_app"])
    instruction.record_verdicts(desk.call(dossier_id), [verdict("TLS-01", "to_clarify")])
    with pytest.raises(InvalidAnswer) as refused:
        instruction.conclude(desk.call(dossier_id))
    assert "TLS-01, APP-01" in refused.value.faults["verdicts"][0]
    instruction.record_verdicts(
        desk.call(dossier_id), [verdict("TLS-01", "not_conform"), verdict("APP-01")]
    )
    instruction.conclude(desk.call(dossier_id))
    assert desk.dossier(dossier_id).instructed_at == desk.clock.now()


@pytest.mark.rule(40)
def test_the_college_decides_what_is_instructed_and_signed(desk: Desk) -> None:
    ready, unsigned = desk.ready(0), desk.submitted(1)
    instruction.record_verdicts(desk.call(unsigned), [verdict("TLS-01")])
    instruction.conclude(desk.call(unsigned))
    assert [found.id for found in agenda.ready(desk.session, desk.campaign.id)] == [ready]
    with pytest.raises(Conflict):
        desk.decided(unsigned, "award")


def test_a_decision_is_sent_to_its_dossier_and_taken_once(desk: Desk) -> None:
    dossier_id = desk.ready()
    call = desk.decided(dossier_id, "award")
    [sent] = call.messages
    assert (sent.name, sent.dossier_id) == ("college_decided", dossier_id)
    assert sent.payload == {"decision": "award", "decided_at": desk.clock.now()}
    assert {entry.dossier_id for entry in call.entries} == {None, dossier_id}
    with pytest.raises(Conflict):
        desk.decided(dossier_id, "blocking")


def test_decisions_leave_in_the_order_of_dossiers(desk: Desk) -> None:
    first, second = desk.ready(0), desk.ready(1)
    session_id = college.schedule(desk.call())["session_id"]
    call = desk.call()
    rows = [
        {"dossier": desk.dossier(dossier_id).number, "outcome": "award"}
        for dossier_id in (second, first)
    ]
    college.decide(call, session_id, MEMBERS, rows)
    assert [sent.dossier_id for sent in call.messages] == [first, second]
    with pytest.raises(Conflict):
        college.decide(desk.call(), session_id, MEMBERS, [])


@pytest.mark.parametrize("present", [[], MEMBERS[:2], ["Membre A", " Membre A ", "Membre B"]])
def test_two_members_are_no_quorum_of_three(desk: Desk, present: list[str]) -> None:
    number = desk.dossier(desk.ready()).number
    session_id = college.schedule(desk.call())["session_id"]
    with pytest.raises(InvalidAnswer) as refused:
        college.decide(desk.call(), session_id, present, [{"dossier": number, "outcome": "award"}])
    assert list(refused.value.faults) == ["attendance"]


def test_a_session_without_quorum_may_close_without_a_decision(desk: Desk) -> None:
    session_id = college.schedule(desk.call())["session_id"]
    college.decide(desk.call(), session_id, ["Membre A"], [])
    [held] = college_sessions.of_campaign(desk.session, desk.campaign.id)
    assert (held.held_at, held.attendance) == (desk.clock.now(), ["Membre A"])
    assert held.minutes_number == "PV-2022-001"


@pytest.mark.rule(39, 69)
@pytest.mark.parametrize(
    ("outcome", "reservations"),
    [
        ("maybe", []),
        ("non_blocking", []),
        ("award", [{"requirement": "TLS-01", "nature": "minor", "text": "Corriger."}]),
        ("non_blocking", [{"requirement": "TLS-01", "nature": "major", "text": "Corriger."}]),
        ("non_blocking", [{"requirement": "CFG-01", "nature": "minor", "text": "Corriger."}]),
        ("non_blocking", [{"requirement": "TLS-01", "nature": "minor", "text": " "}]),
        ("blocking", [{"requirement": "TLS-01", "nature": "grave", "text": "Corriger."}]),
    ],
)
def test_a_decision_that_the_rules_exclude_is_refused(
    desk: Desk, outcome: str, reservations: list[dict[str, str]]
) -> None:
    number = desk.dossier(desk.ready()).number
    session_id = college.schedule(desk.call())["session_id"]
    row = {"dossier": number, "outcome": outcome, "reservations": reservations}
    with pytest.raises(InvalidAnswer) as refused:
        college.decide(desk.call(), session_id, MEMBERS, [row])
    assert refused.value.faults["decisions"][0].startswith(f"Dossier {number}")


@pytest.mark.rule(29, 40)
def test_a_non_conformity_excludes_an_award_and_not_a_reservation(desk: Desk) -> None:
    dossier_id = desk.ready(verdict="not_conform")
    with pytest.raises(InvalidAnswer) as refused:
        desk.decided(dossier_id, "award")
    assert "TLS-01" in refused.value.faults["decisions"][0]
    desk.decided(dossier_id, "non_blocking", "Activer TLS 1.2.")


def test_unknown_and_repeated_dossiers_are_refused(desk: Desk) -> None:
    number = desk.dossier(desk.ready()).number
    session_id = college.schedule(desk.call())["session_id"]
    for rows in (["1999-001"], [number, number]):
        with pytest.raises(InvalidAnswer):
            college.decide(
                desk.call(),
                session_id,
                MEMBERS,
                [{"dossier": named, "outcome": "award"} for named in rows],
            )
    with pytest.raises(NotFound):
        college.decide(desk.call(), session_id + 1, MEMBERS, [])


@pytest.mark.rule(67)
def test_each_session_opens_the_next(desk: Desk) -> None:
    opened = college.schedule(desk.call())
    assert opened["opened_at"] == desk.clock.now()
    call = desk.call()
    college.open_next(call)
    assert [started.process_id for started in call.starts] == ["college_session"]
    [session] = college_sessions.of_campaign(desk.session, desk.campaign.id)
    assert session.scheduled_at == paris("2022-10-06T10:00")


@pytest.mark.rule(67)
def test_the_agenda_names_the_dossiers_that_are_ready(desk: Desk) -> None:
    number = desk.dossier(desk.ready()).number
    session_id = college.schedule(desk.call())["session_id"]
    assert college.compose_agenda(desk.call(), session_id) == {"agenda": [number]}


@pytest.mark.rule(70, 72)
def test_a_notified_decision_lists_its_reservations_and_its_delay(desk: Desk) -> None:
    dossier_id = desk.ready()
    desk.decided(dossier_id, "non_blocking", "Activer TLS 1.2.", "Fournir la trace.")
    with pytest.raises(Conflict):
        college.notify_decision(desk.call(dossier_id), "award")
    notified = college.notify_decision(desk.call(dossier_id), "non_blocking")
    assert notified == {"notified_at": desk.clock.now()}
    told, _ = desk.told(dossier_id, "decision_non_blocking")
    assert "2. TLS-01\u00a0: Fournir la trace." in told.body
    assert "4\u00a0semaines" in told.body


def reserved(desk: Desk, *texts: str) -> int:
    dossier_id = desk.ready()
    desk.at("2022-12-08T10:00").decided(dossier_id, "non_blocking", *texts)
    lifting = reservation.open_lifting(desk.call(dossier_id), desk.clock.now())
    assert lifting == {"since": desk.clock.now(), "remaining_days": None}
    deadline.deadline(
        desk.session,
        campaign=desk.campaign,
        dossier_id=dossier_id,
        key="reservation_lifting",
        start=lifting["since"],
        now=desk.clock.now(),
    )
    return dossier_id


def explained(*numbers: int) -> list[dict[str, Any]]:
    return [{"reservation": number, "explanation": "Corrigé."} for number in numbers]


@pytest.mark.rule(70)
def test_a_deposit_of_corrections_keeps_the_days_that_remain(desk: Desk) -> None:
    dossier_id = reserved(desk, "Un.", "Deux.")
    desk.at("2022-12-20T18:00")
    kept = reservation.correct(desk.call(dossier_id, desk.operator()), explained(1, 2))
    assert kept["remaining_days"] == 16
    desk.at("2023-01-03T09:00")
    returned = reservation.return_to_operator(
        desk.call(dossier_id, answer={"comment": "Il manque la trace."}), kept["remaining_days"]
    )
    assert returned == {"since": desk.clock.now(), "remaining_days": 16}
    told, _ = desk.told(dossier_id, "corrections_asked_again")
    assert "Il manque la trace." in told.body
    assert "16\u00a0jours" in told.body


@pytest.mark.rule(70)
@pytest.mark.parametrize(
    "corrections",
    [
        [],
        explained(1),
        explained(1, 2, 3),
        [*explained(1), {"reservation": 2, "explanation": " "}],
        [{"explanation": "Corrigé."}],
    ],
)
def test_every_reservation_is_corrected_and_nothing_else(
    desk: Desk, corrections: list[dict[str, Any]]
) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        reservation.correct(desk.call(reserved(desk, "Un.", "Deux.")), corrections)
    assert list(refused.value.faults) == ["corrections"]


def test_after_a_return_what_was_explained_need_not_be_said_again(desk: Desk) -> None:
    dossier_id = reserved(desk, "Un.", "Deux.")
    reservation.correct(desk.call(dossier_id), explained(1, 2))
    reservation.return_to_operator(desk.call(dossier_id), 3)
    reservation.correct(desk.call(dossier_id), explained(2))


def test_the_president_is_asked_and_the_reservations_are_lifted(desk: Desk) -> None:
    dossier_id = reserved(desk, "Un.")
    reservation.correct(desk.call(dossier_id), explained(1))
    reservation.propose_lifting(desk.call(dossier_id))
    assert [n.role for n in desk.told(dossier_id, "lifting_to_confirm")] == ["college_president"]
    desk.clock.move_to(desk.clock.now() + timedelta(hours=1))
    reservation.lift(desk.call(dossier_id))
    [lifted] = reservation.of_dossier(desk.session, dossier_id)
    assert (lifted.number, lifted.lifted_at) == (1, desk.clock.now())
    with pytest.raises(Conflict):
        reservation.lift(desk.call(dossier_id))


def test_nothing_is_lifted_where_nothing_is_reserved(desk: Desk) -> None:
    with pytest.raises(Conflict):
        reservation.open_lifting(desk.call(desk.ready()), desk.clock.now())
