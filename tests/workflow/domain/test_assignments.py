"""Who is handed which dossier, on SQLite and on PostgreSQL (DSR 4.4, DOMAIN 60, 67, A8)."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.db import Database
from workflow.domain import (
    deviation,
    instruction,
    instruction_assignment,
    instruction_queue,
    interest,
    internal_note,
    person,
    second_opinion,
    solicitation,
    solicitation_answer,
)
from workflow.domain.person import Actor
from workflow.errors import Conflict, InvalidAnswer, NotAllowed
from workflow.outbox import OutboxMessage


def instructor(desk: Desk, name: str = "ines") -> Actor:
    """Someone with an account who instructs."""
    email = f"{name}@ans.example"
    found = person.find_by_email(desk.session, email) or person.add_person(
        desk.session,
        email=email,
        name=name,
        password="une phrase assez longue",
        roles=["instructor"],
        at=desk.clock.now(),
    )
    return person.actor_of(desk.session, found)


def first(desk: Desk, name: str = "ines") -> int | None:
    found = instruction_assignment.head(
        desk.session, desk.campaign, instructor(desk, name).person_id
    )
    return None if found is None else found.dossier_id


def take_next(desk: Desk, name: str = "ines") -> int:
    dossier_id = first(desk, name)
    assert dossier_id is not None
    instruction_assignment.take_next(desk.call(dossier_id, instructor(desk, name)))
    return dossier_id


@pytest.mark.rule(60)
def test_dossiers_are_handed_out_in_the_order_of_their_complete_files(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        dossiers = [desk.submitted(0)]
        dossiers.append(desk.at("2022-10-04T10:00").submitted(1))
        dossiers.append(desk.at("2022-10-05T10:00").submitted(2))
        assert [take_next(desk), take_next(desk, "karim"), take_next(desk)] == dossiers
        assert first(desk) is None
        assert deviation.deviations(session) == []


def test_what_awaits_its_operator_is_not_handed_out_and_comes_back_at_its_rank(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        early, late = desk.submitted(0), desk.at("2022-10-04T10:00").submitted(1)
        solicitation.send(desk.call(early), "instruction", ["Pourquoi ?"])
        session.flush()
        assert first(desk) == late
        solicitation_answer.record(desk.call(early, desk.operator(0)), "Parce que.")
        session.flush()
        assert first(desk) == early


def test_a_deprioritised_dossier_is_handed_out_after_the_others(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        early, late = desk.submitted(0), desk.at("2022-10-04T10:00").submitted(1)
        instruction_queue.deprioritise(desk.call(early))
        session.flush()
        assert [take_next(desk), take_next(desk)] == [late, early]


@pytest.mark.rule(60)
def test_another_than_the_head_needs_a_reason_that_names_what_it_passed_over(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        early, late = desk.submitted(0), desk.at("2022-10-04T10:00").submitted(1)
        actor = instructor(desk)
        with pytest.raises(InvalidAnswer):
            instruction_assignment.take(desk.call(late, actor), "   ")
        instruction_assignment.take(desk.call(late, actor), "Lot commun.")
        assert "queue:taken_out_of_order" in desk.kinds()
        (found,) = deviation.deviations(session)
        assert (found.reason, found.passed_over) == ("Lot commun.", desk.dossier(early).number)


def test_a_dossier_taken_over_from_a_colleague_is_listed_too(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        dossier_id = desk.submitted(0)
        take_next(desk)
        karim = instructor(desk, "karim")
        with pytest.raises(InvalidAnswer):
            instruction_assignment.take(desk.call(dossier_id, karim), "")
        instruction_assignment.take(desk.call(dossier_id, karim), "Congé d’Inès.")
        held = instruction_assignment.of_dossier(session, dossier_id)
        assert held is not None
        assert held.person_id == karim.person_id
        assert len(deviation.deviations(session)) == 1


def test_the_head_that_somebody_else_took_is_refused(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        dossier_id = desk.submitted(0)
        take_next(desk)
        with pytest.raises(instruction_assignment.NotTheHead):
            instruction_assignment.take_next(desk.call(dossier_id, instructor(desk, "karim")))


def test_a_conflict_passes_the_head_on_to_the_next_without_a_departure(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        early, late = desk.submitted(0), desk.at("2022-10-04T10:00").submitted(1)
        instruction_assignment.declare_interest(
            desk.call(early, instructor(desk)), has_conflict=True, reason="Parent."
        )
        assert take_next(desk) == late
        assert deviation.deviations(session) == []
        assert take_next(desk, "karim") == early


def test_verdicts_of_a_barred_instructor_are_refused(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        dossier_id = desk.submitted(0)
        actor = instructor(desk)
        interest.declare(desk.call(dossier_id, actor), has_conflict=True, reason="Parent.")
        rows = [{"requirement": "TLS-01", "verdict": "conform"}]
        with pytest.raises(interest.Barred):
            instruction.record_verdicts(desk.call(dossier_id, actor), rows)
        with pytest.raises(interest.Barred):
            second_opinion.ask(desk.call(dossier_id, actor), of=1, question="Et vous ?")
        instruction.record_verdicts(desk.call(dossier_id, instructor(desk, "karim")), rows)


def test_notes_and_opinions_are_kept_and_refused_to_operators(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        desk = Desk.opened(session, tmp_path)
        dossier_id = desk.submitted(0)
        ines, karim = instructor(desk), instructor(desk, "karim")
        internal_note.add(desk.call(dossier_id, ines), " À revoir. ")
        asked = second_opinion.ask(
            desk.call(dossier_id, ines), of=karim.person_id, question="Suffisant ?"
        )
        assert [row.id for row, _dossier in second_opinion.asked_of(session, karim)] == [asked.id]
        (mail,) = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "mail"))
        assert mail.payload["to"] == "karim@ans.example"
        assert "2022-001" in mail.payload["subject"]
        assert "Suffisant" not in mail.payload["body"]
        second_opinion.answer(desk.call(dossier_id, karim), asked.id, "Oui.")
        with pytest.raises(Conflict):
            second_opinion.answer(desk.call(dossier_id, karim), asked.id, "Non.")
        notes = internal_note.of_dossier(session, dossier_id, ines)
        assert [(note.text, name) for note, name in notes] == [("À revoir.", "ines")]
        assert second_opinion.of_dossier(session, dossier_id, karim)[0][0].answer == "Oui."
        operator = desk.operator(0)
        for read in (internal_note.of_dossier, second_opinion.of_dossier):
            with pytest.raises(NotAllowed):
                read(session, dossier_id, operator)
        with pytest.raises(NotAllowed):
            internal_note.add(desk.call(dossier_id, operator), "Moi aussi.")


def test_only_an_instructor_is_handed_a_dossier(session: Session, desk: Desk) -> None:
    dossier_id = desk.submitted(0)
    for actor in (desk.operator(0), desk.agent("auditor")):
        with pytest.raises(NotAllowed):
            instruction_assignment.take_next(desk.call(dossier_id, actor))
