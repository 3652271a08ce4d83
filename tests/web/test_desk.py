"""The instructor's desk: whose turn a dossier is, who may not touch it, what stays internal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select
from stage import (
    AUDITOR,
    INSTRUCTOR,
    OFFICER,
    OPERATOR,
    OWNER,
    PRESIDENT,
    Stage,
)

from web.demo_accounts import DEMO_PASSWORD
from web.desk import PER_PAGE
from workflow import audit_log
from workflow.domain import (
    instruction_assignment,
    interest,
    internal_note,
    person,
    second_opinion,
)
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.notification import Notification
from workflow.engine import acts
from workflow.engine.runtime import Runtime
from workflow.errors import NotAllowed
from workflow.service_tasks.registry import Call

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

COLLEAGUE = "collegue@ans.example"
SECRET = "Le journal TLS paraît retouché."
AGENCY_SIRET = "18751275100047"


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure, with a second instructor."""
    with runtime.database.transaction() as session:
        person.add_person(
            session,
            email=COLLEAGUE,
            name="Inès Morel",
            password=DEMO_PASSWORD,
            roles=["instructor"],
            at=runtime.clock.now(),
        )
    return Stage.set_up(runtime)


def holder(stage: Stage, dossier_id: int) -> str | None:
    with stage.runtime.database.reading() as session:
        held = instruction_assignment.holders(session, [dossier_id]).get(dossier_id)
        return held[1] if held else None


def declare(stage: Stage, dossier_id: int, email: str, *, conflict: bool) -> None:
    def verb(call: Call) -> None:
        instruction_assignment.declare_interest(
            call, has_conflict=conflict, reason="Ancien salarié." if conflict else ""
        )

    acts.perform(stage.runtime, stage.who(email), dossier_id, verb)


def test_an_instructor_is_handed_the_first_dossier_nobody_has_taken(
    signed_in: SignedIn, stage: Stage
) -> None:
    first, second = stage.submitted("Alizé Un"), stage.submitted("Alizé Deux")
    ines, karim = signed_in(COLLEAGUE), signed_in(INSTRUCTOR)
    ines.open("/file")
    assert "Instruire le dossier" in ines.post("/file/suivant")
    karim.open("/file")
    karim.post("/file/suivant")
    assert [holder(stage, first), holder(stage, second)] == [
        "Inès Morel",
        stage.who(INSTRUCTOR).name,
    ]
    assert "Aucun écart" in karim.open("/file/ecarts")


def test_a_button_pressed_twice_hands_one_dossier(signed_in: SignedIn, stage: Stage) -> None:
    first, second = stage.submitted("Alizé Un"), stage.submitted("Alizé Deux")
    instructor = signed_in(INSTRUCTOR)
    instructor.open("/file")
    key = {"~key": "the same press"}
    instructor.post("/file/suivant", more=key)
    instructor.open("/file")
    instructor.post("/file/suivant", more=key)
    assert (holder(stage, first) is None, holder(stage, second)) == (False, None)


def test_an_empty_queue_hands_nothing(signed_in: SignedIn, stage: Stage) -> None:
    instructor = signed_in(INSTRUCTOR)
    instructor.open("/file")
    assert "Aucun dossier n'est à prendre" in instructor.post("/file/suivant").replace("’", "'")
    number = stage.number(stage.deposit())
    assert "il n’est pas à prendre" in instructor.open(f"/dossiers/{number}/prendre")


def test_a_dossier_taken_before_another_needs_a_reason_that_the_auditor_reads(
    signed_in: SignedIn, stage: Stage
) -> None:
    stage.submitted("Alizé Un")
    second = stage.submitted("Alizé Deux")
    instructor, number = signed_in(INSTRUCTOR), stage.number(second)
    assert "précède dans la file" in instructor.open(f"/dossiers/{number}/prendre")
    instructor.post(f"/dossiers/{number}/prendre", reason="  ")
    assert (instructor.page.status_code, holder(stage, second)) == (422, None)
    instructor.post(f"/dossiers/{number}/prendre", reason="Même composant que le 2022-000.")
    assert holder(stage, second) == stage.who(INSTRUCTOR).name
    page = signed_in(AUDITOR).open("/file/ecarts")
    assert "Même composant que le 2022-000." in page
    assert number in page
    with stage.runtime.database.reading() as session:
        kinds = {row.kind: row.facts for row in audit_log.history_of(session, second)}
    assert kinds["queue:taken_out_of_order"]["reason"] == "Même composant que le 2022-000."


def test_an_auditor_reads_the_departures_back_to_the_first(
    signed_in: SignedIn, stage: Stage
) -> None:
    dossier_id, auditor = stage.submitted("Alizé Un"), signed_in(AUDITOR)
    with stage.runtime.database.transaction() as session:
        session.add_all(
            InstructionAssignment(
                dossier_id=dossier_id,
                person_id=stage.who(INSTRUCTOR).person_id,
                taken_at=stage.runtime.clock.now(),
                reason=f"Motif n° {each}.",
                out_of_order=True,
            )
            for each in range(PER_PAGE + 1)
        )
    newest = auditor.open("/file/ecarts")
    [older] = re.findall(r'href="(/file/ecarts[^"]+)"[^>]*>Écarts plus anciens', newest)
    oldest = auditor.open(older)
    assert ("Motif n° 0." in newest, "Motif n° 0." in oldest) == (False, True)
    assert ("Motif n° 1." in newest, "Motif n° 1." in oldest) == (True, False)
    assert "Revenir au début" in oldest


def test_a_dossier_instructed_without_being_taken_is_listed_when_another_preceded_it(
    signed_in: SignedIn, stage: Stage
) -> None:
    stage.submitted("Alizé Un")
    stage.instructed("Alizé Deux")
    assert "instruit sans avoir été pris" in signed_in(OWNER).open("/file/ecarts")


def test_an_operator_reads_neither_departures_nor_internal_exchanges(
    signed_in: SignedIn, stage: Stage
) -> None:
    number = stage.number(stage.submitted())
    operator = signed_in(OPERATOR)
    for address in ("/file/ecarts", f"/dossiers/{number}/interne"):
        operator.open(address)
        assert operator.page.status_code == 403
    operator.open(f"/dossiers/{number}")
    operator.post(f"/dossiers/{number}/interne/notes", text=SECRET)
    assert operator.page.status_code == 403


def test_whoever_declares_a_conflict_neither_takes_nor_instructs_nor_verifies(
    signed_in: SignedIn, stage: Stage
) -> None:
    dossier_id = stage.submitted()
    number, instructor = stage.number(dossier_id), signed_in(INSTRUCTOR)
    instructor.open("/file")
    instructor.post("/file/suivant")
    instructor.open(f"/dossiers/{number}/interne")
    instructor.post(f"/dossiers/{number}/interne/interets", conflict="yes", reason="Ancien salarié")
    assert holder(stage, dossier_id) is None
    instructor.open(f"/taches/{stage.task_id(dossier_id, 'instruct_dossier')}")
    assert instructor.page.status_code == 403
    assert "conflit d’intérêts" in instructor.text.replace("'", "’")
    with pytest.raises(NotAllowed, match="declared a conflict"):
        stage.do(dossier_id, "instruct_dossier", INSTRUCTOR)
    with pytest.raises(NotAllowed, match="declared a conflict"):
        acts.perform(
            stage.runtime,
            stage.who(INSTRUCTOR),
            dossier_id,
            lambda call: instruction_assignment.take(call, "Je le veux."),
        )
    stage.do(dossier_id, "instruct_dossier", COLLEAGUE)


def test_whoever_declares_a_conflict_does_not_verify_the_corrections(stage: Stage) -> None:
    reservation = {"requirement": "DER-TLS-01", "nature": "minor", "text": "Compléter le journal."}
    dossier_id = stage.decided("non_blocking", [reservation])
    stage.do(dossier_id, "correct_reservations", OPERATOR)
    declare(stage, dossier_id, INSTRUCTOR, conflict=True)
    for outcome in ("lifted", "insufficient"):
        with pytest.raises(NotAllowed, match="declared a conflict"):
            stage.do(dossier_id, "verify_corrections", INSTRUCTOR, outcome=outcome, comment="Vu.")
    stage.do(dossier_id, "verify_corrections", COLLEAGUE, outcome="lifted")


def test_the_agency_s_own_dossier_waits_for_an_instructor_who_declares_no_conflict(
    signed_in: SignedIn, stage: Stage
) -> None:
    other, own = stage.submitted("Alizé"), stage.submitted("Mailiz")
    with stage.runtime.database.transaction() as session:
        session.get_one(Dossier, own).siret = AGENCY_SIRET
    stage.do(other, "instruct_dossier", INSTRUCTOR)
    with pytest.raises(NotAllowed, match="the Agency itself"):
        stage.do(own, "instruct_dossier", INSTRUCTOR)
    page = signed_in(INSTRUCTOR).open(f"/taches/{stage.task_id(own, 'instruct_dossier')}")
    assert "Le candidat est l’ANS elle-même" in page.replace("'", "’")
    declare(stage, own, INSTRUCTOR, conflict=False)
    stage.do(own, "instruct_dossier", INSTRUCTOR)


def test_a_declared_conflict_cannot_be_taken_back(stage: Stage) -> None:
    dossier_id = stage.submitted()
    declare(stage, dossier_id, INSTRUCTOR, conflict=True)
    with pytest.raises(interest.Conflict):
        declare(stage, dossier_id, INSTRUCTOR, conflict=False)


def written(stage: Stage, dossier_id: int) -> None:
    """A note, and an opinion asked and given, each with the secret in it."""
    instructor, colleague = stage.who(INSTRUCTOR), stage.who(COLLEAGUE)
    perform = acts.perform
    perform(stage.runtime, instructor, dossier_id, lambda call: internal_note.add(call, SECRET))
    asked = perform(
        stage.runtime,
        instructor,
        dossier_id,
        lambda call: second_opinion.ask(call, of=colleague.person_id, question=SECRET).id,
    )
    perform(
        stage.runtime,
        colleague,
        dossier_id,
        lambda call: second_opinion.answer(call, asked, SECRET),
    )


def test_the_agency_reads_notes_and_opinions_and_the_operator_sees_no_trace_of_them(
    signed_in: SignedIn, stage: Stage
) -> None:
    dossier_id = stage.submitted()
    number = stage.number(dossier_id)
    written(stage, dossier_id)
    for email in (INSTRUCTOR, PRESIDENT, AUDITOR):
        assert signed_in(email).open(f"/dossiers/{number}/interne").count(SECRET) == 3
    operator = signed_in(OPERATOR)
    pages = (
        "/accueil",
        f"/dossiers/{number}",
        f"/dossiers/{number}?historique=tout",
        f"/dossiers/{number}/dates",
        f"/dossiers/{number}/preuves",
        "/messages",
        f"/dossiers/{number}/convention",
    )
    for page in pages:
        text = operator.open(page)
        assert SECRET not in text, page
        assert "note interne" not in text, page
        assert "/interne" not in text, page
    for call in ("", "/history", "/notes", "/opinions", "/interests", "/clock-intervals"):
        text = operator.open(f"/api/v1/dossiers/{number}{call}")
        assert SECRET not in text, call
        assert "note:added" not in text, call
        assert "opinion:" not in text, call
    with stage.runtime.database.reading() as session:
        told = session.scalars(select(Notification.body)).all()
    assert not any(SECRET in body for body in told)
    assert "Aucun dossier" in operator.open("/dossiers?q=retouché")


def test_the_history_keeps_the_fingerprint_of_a_note_and_not_its_words(stage: Stage) -> None:
    dossier_id = stage.submitted()
    written(stage, dossier_id)
    with stage.runtime.database.reading() as session:
        rows = audit_log.history_of(session, dossier_id, limit=500)
        facts = [row.facts for row in rows if row.kind in ("note:added", "opinion:asked")]
    assert [fact["sha256"] for fact in facts] == [internal_note.fingerprint(SECRET)] * 2
    assert SECRET not in str([row.facts for row in rows])


def test_a_second_opinion_touches_no_clock(stage: Stage) -> None:
    dossier_id = stage.submitted()

    def clocks() -> list[tuple[object, ...]]:
        with stage.runtime.database.reading() as session:
            rows = session.scalars(select(ClockInterval).order_by(ClockInterval.id))
            return [(row.started_at, row.ended_at, row.running) for row in rows]

    before = clocks()
    written(stage, dossier_id)
    assert clocks() == before


def test_only_who_was_asked_gives_the_opinion_and_only_once(
    signed_in: SignedIn, stage: Stage
) -> None:
    dossier_id = stage.submitted()
    number, instructor = stage.number(dossier_id), signed_in(INSTRUCTOR)
    instructor.open(f"/dossiers/{number}/interne")
    of = str(stage.who(COLLEAGUE).person_id)
    instructor.post(f"/dossiers/{number}/interne/avis", of=of, question="Ce journal suffit-il ?")
    address = f"/dossiers/{number}/interne/avis/1"
    instructor.post(address, answer="Oui, dit-il lui-même.")
    assert instructor.page.status_code == 403
    colleague = signed_in(COLLEAGUE)
    assert "Avis qui vous sont demandés" in colleague.open("/file")
    colleague.open(f"/dossiers/{number}/interne")
    assert "Oui, il suffit." in colleague.post(address, answer="Oui, il suffit.")
    colleague.post(address, answer="Non.")
    assert colleague.page.status_code == 409
    assert "Avis qui vous sont demandés" not in colleague.open("/file")


def test_nobody_is_asked_who_neither_instructs_nor_is_a_partner(
    signed_in: SignedIn, stage: Stage
) -> None:
    number, instructor = stage.number(stage.submitted()), signed_in(INSTRUCTOR)
    instructor.open(f"/dossiers/{number}/interne")
    for email in (OFFICER, OPERATOR, INSTRUCTOR):
        of = str(stage.who(email).person_id)
        instructor.post(f"/dossiers/{number}/interne/avis", of=of, question="Qu'en dites-vous ?")
        assert instructor.page.status_code == 422
