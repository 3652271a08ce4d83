"""Dossiers change hands, and people are away, on SQLite and on PostgreSQL (DSR 4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from desk import Desk
from sqlalchemy import select

from workflow.db import Database
from workflow.domain import (
    absence,
    absence_acts,
    covered_dossiers,
    custody,
    deviation,
    hand_over,
    instruction,
    instruction_assignment,
    interest,
    notification,
    person,
)
from workflow.domain.absence_acts import AbsenceWish
from workflow.domain.covered_dossiers import Covered
from workflow.domain.notification import Notification
from workflow.domain.person import Actor
from workflow.errors import InvalidAnswer, NotAllowed, NotFound
from workflow.outbox import OutboxMessage

TODAY, FRIDAY = date(2022, 10, 3), date(2022, 10, 7)
ROWS = [{"requirement": "TLS-01", "verdict": "conform"}]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    """A desk in a transaction, on Monday 3 October 2022."""
    with database.transaction() as session:
        yield Desk.opened(session, tmp_path)


def someone(desk: Desk, name: str, *roles: str) -> Actor:
    """A person of the Agency with an account."""
    email = f"{name}@ans.example"
    found = person.find_by_email(desk.session, email) or person.add_person(
        desk.session,
        email=email,
        name=name,
        password="une phrase assez longue",
        roles=roles or ["instructor"],
        at=desk.clock.now(),
    )
    return person.actor_of(desk.session, found)


def pilot(desk: Desk) -> Actor:
    return someone(desk, "luc", "process_owner")


def holder(desk: Desk, dossier_id: int) -> str | None:
    held = instruction_assignment.holders(desk.session, [dossier_id]).get(dossier_id)
    return None if held is None else held[1]


def assign(desk: Desk, dossier_id: int, to: Actor, why: str = "") -> None:
    hand_over.assign(desk.call(dossier_id, pilot(desk)), to=to.person_id, why=why)


def told(desk: Desk, who: Actor) -> list[str]:
    rows = notification.inbox_of(desk.session, who)
    return [row.kind for row in rows if row.person_id == who.person_id]


def covered_by(desk: Desk, who: Actor) -> list[Covered]:
    now = desk.clock.now()
    return covered_dossiers.covered_by(desk.session, who.person_id or 0, now)


def away(desk: Desk, who: Actor, stand_in: Actor | None, last: date = FRIDAY) -> absence.Absence:
    wish = AbsenceWish(
        person_id=None,
        first_day=TODAY,
        last_day=last,
        stand_in_id=stand_in.person_id if stand_in else None,
    )
    return absence_acts.declare(desk.session, who, wish, desk.clock.now())


@pytest.mark.rule(60)
def test_the_head_is_assigned_without_a_reason_and_another_with_one(desk: Desk) -> None:
    early, late = desk.submitted(0), desk.at("2022-10-04T10:00").submitted(1)
    ines, karim = someone(desk, "ines"), someone(desk, "karim")
    with pytest.raises(custody.ReasonNeeded):
        assign(desk, late, ines)
    assign(desk, early, ines)
    assert deviation.deviations(desk.session) == []
    with pytest.raises(custody.ReasonNeeded):
        assign(desk, early, karim)
    assign(desk, early, karim, "Charge d’Inès.")
    (departure,) = deviation.deviations(desk.session)
    assert (departure.person, departure.given_by) == ("karim", "luc")
    assert (told(desk, karim), told(desk, ines)) == (
        ["dossier_assigned"],
        ["dossier_taken_back", "dossier_assigned"],
    )
    president = someone(desk, "helene", "college_president")
    with pytest.raises(NotAllowed):
        hand_over.assign(desk.call(late, president), to=ines.person_id, why="Non.")
    with pytest.raises(NotAllowed):
        hand_over.take_back(desk.call(early, president), why="Non.")
    hand_over.take_back(desk.call(early, pilot(desk)), why="Réorganisation.")
    head = instruction_assignment.head(desk.session, desk.campaign, ines.person_id)
    assert head is not None
    assert (holder(desk, early), head.dossier_id) == (None, early)


def test_a_colleague_declines_what_was_handed_over_and_it_comes_back(desk: Desk) -> None:
    dossier_id, ines, karim = desk.submitted(0), someone(desk, "ines"), someone(desk, "karim")
    assign(desk, dossier_id, ines)
    with pytest.raises(custody.NotItsHolder):
        hand_over.hand_over(desk.call(dossier_id, karim), to=ines.person_id, why="À moi.")
    with pytest.raises(custody.ReasonNeeded):
        hand_over.hand_over(desk.call(dossier_id, ines), to=karim.person_id, why=" ")
    hand_over.hand_over(desk.call(dossier_id, ines), to=karim.person_id, why="Même composant.")
    assert holder(desk, dossier_id) == "karim"
    hand_over.decline(desk.call(dossier_id, karim), why="Trop de dossiers.")
    assert (holder(desk, dossier_id), told(desk, ines)[0]) == ("ines", "hand_over_declined")
    assert deviation.deviations(desk.session) == []
    interest.declare(desk.call(dossier_id, karim), has_conflict=True, reason="Parent.")
    with pytest.raises(custody.RecipientBarred):
        hand_over.hand_over(desk.call(dossier_id, ines), to=karim.person_id, why="Congé.")
    with pytest.raises(custody.RecipientUnfit):
        hand_over.hand_over(desk.call(dossier_id, ines), to=pilot(desk).person_id, why="Congé.")
    hand_over.give_back(desk.call(dossier_id, ines), why="")
    assert holder(desk, dossier_id) is None
    with pytest.raises(custody.RecipientBarred):
        assign(desk, dossier_id, karim, "Motif.")


def test_what_one_took_is_not_declined_and_whoever_loses_it_is_told(desk: Desk) -> None:
    dossier_id, ines = desk.submitted(0), someone(desk, "ines")
    instruction_assignment.take_next(desk.call(dossier_id, ines))
    with pytest.raises(hand_over.NotGiven):
        hand_over.decline(desk.call(dossier_id, ines), why="Non.")
    instruction_assignment.take(desk.call(dossier_id, someone(desk, "karim")), "Urgence.")
    assert told(desk, ines) == ["dossier_taken_back"]
    desk.session.get_one(person.Person, ines.person_id).is_active = False
    with pytest.raises(NotAllowed):
        instruction_assignment.take(desk.call(dossier_id, ines), "Je reviens.")


def test_a_stand_in_takes_nothing_over_until_midnight_of_the_last_day(desk: Desk) -> None:
    dossier_id, ines, karim = desk.submitted(0), someone(desk, "ines"), someone(desk, "karim")
    away(desk, ines, karim)
    assign(desk, dossier_id, ines)
    assert (told(desk, ines), told(desk, karim)) == (["dossier_assigned"],) * 2
    copy = desk.session.scalars(
        select(Notification).where(Notification.person_id == karim.person_id)
    ).one()
    assert "pour le compte de ines" in copy.body
    assert "for ines" in (copy.body_en or "")
    mail = desk.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "mail")).one()
    assert mail.payload["to"] == "karim@ans.example"

    (covered,) = covered_by(desk, karim)
    assert (covered.dossier.id, covered.cover.person, covered.for_team) == (
        dossier_id,
        "ines",
        False,
    )
    desk.at("2022-10-07T23:59")
    instruction.record_verdicts(desk.call(dossier_id, karim), ROWS)
    assert (holder(desk, dossier_id), desk.kinds().count("queue:acted_for")) == ("ines", 1)
    assert deviation.deviations(desk.session) == []
    desk.at("2022-10-08T00:00")
    assert covered_by(desk, karim) == []
    instruction.record_verdicts(desk.call(dossier_id, karim), ROWS)
    assert holder(desk, dossier_id) == "karim"


def test_the_team_covers_when_the_stand_in_does_not(desk: Desk) -> None:
    dossier_id, ines, karim = desk.submitted(0), someone(desk, "ines"), someone(desk, "karim")
    lea, session, now = someone(desk, "lea"), desk.session, desk.clock.now()
    assign(desk, dossier_id, ines)
    declared = away(desk, ines, karim)
    assert covered_by(desk, lea) == []

    def of_team() -> bool:
        session.flush()
        return [each.for_team for each in covered_by(desk, lea)] == [True]

    account = session.get_one(person.Person, karim.person_id)
    account.is_active = False
    assert of_team()
    account.is_active = True
    also_away = away(desk, karim, None)
    assert of_team()
    absence_acts.end(session, karim, also_away.id, now)
    assert not of_team()
    absence_acts.refuse(session, karim, declared.id, "Complet.", now)
    assert of_team()
    absence_acts.end(session, ines, declared.id, now)
    away(desk, ines, karim)
    interest.declare(desk.call(dossier_id, karim), has_conflict=True, reason="Parent.")
    assert of_team()
    assert covered_by(desk, karim) == []
    instruction.record_verdicts(desk.call(dossier_id, lea), ROWS)
    assert holder(desk, dossier_id) == "ines"


def test_absences_that_cannot_be_are_refused(desk: Desk) -> None:
    ines, karim = someone(desk, "ines"), someone(desk, "karim")
    away(desk, karim, None)
    with pytest.raises(InvalidAnswer) as refused:
        away(desk, ines, karim)
    assert list(refused.value.faults) == ["stand_in"]
    declared = away(desk, ines, None)
    with pytest.raises(absence_acts.AbsenceOverlaps):
        away(desk, ines, None, TODAY)
    for last in (date(2022, 10, 2), date(2024, 10, 2)):
        with pytest.raises(InvalidAnswer):
            away(desk, ines, None, last)
    with pytest.raises(InvalidAnswer):
        away(desk, pilot(desk), ines, date(2022, 10, 4))
    with pytest.raises(NotFound):
        absence_acts.end(desk.session, karim, declared.id, desk.clock.now())
    absence_acts.end(desk.session, pilot(desk), declared.id, desk.clock.now())
    (mail,) = desk.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "mail"))
    assert (mail.payload["to"], "a pris fin" in mail.payload["subject"]) == (
        "ines@ans.example",
        True,
    )
    with pytest.raises(absence_acts.AbsenceOver):
        absence_acts.end(desk.session, ines, declared.id, desk.clock.now())
    away(desk, ines, None)
