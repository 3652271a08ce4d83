"""Proof files: complete or not, submitted once, confidential; conventions and solicitations."""

from __future__ import annotations

import pytest
from desk import Desk

from workflow.domain import convention, proof, solicitation, solicitation_answer, ssi
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound


def attach(desk: Desk, dossier_id: int, *, rank: int = 0, **changes: object) -> proof.Proof:
    facts: dict[str, object] = {
        "requirement_code": "TLS-01",
        "position": 1,
        "file_name": "trace.log",
        "media_type": "text/plain; charset=utf-8",
        "stored": desk.store.put(b"tls 1.2"),
        **changes,
    }
    return proof.attach(desk.call(dossier_id, desk.operator(rank)), **facts)  # pyright: ignore[reportArgumentType]


@pytest.mark.rule(55, 57, 58)
def test_a_proof_file_is_complete_with_every_proof_and_the_questionnaire(desk: Desk) -> None:
    dossier_id = desk.admitted()
    assert proof.completeness(desk.session, desk.dossier(dossier_id)).expected == 2
    attach(desk, dossier_id)
    desk.session.flush()
    state = proof.completeness(desk.session, desk.dossier(dossier_id))
    assert [(lack.requirement_code, lack.position, lack.kind) for lack in state.missing] == [
        ("TLS-01", 2, "capture")
    ]
    with pytest.raises(InvalidAnswer) as refused:
        proof.submit(desk.call(dossier_id))
    assert set(refused.value.faults) == {"proofs", "ssi"}
    desk.attach_all(dossier_id)
    assert proof.completeness(desk.session, desk.dossier(dossier_id)).is_complete


@pytest.mark.rule(56)
def test_a_complete_file_is_received_once_and_frozen(desk: Desk) -> None:
    dossier_id = desk.admitted()
    desk.attach_all(dossier_id)
    declared = {"third_party_disclaimer": True, "fictitious_data": True, "no_security_risk": True}
    call = desk.call(dossier_id, desk.operator(), declared)
    proof.submit(call)
    assert desk.dossier(dossier_id).complete_received_at == desk.clock.now()
    assert len(call.entries[0].payload["declarations"]) == 3
    kept = proof.of_dossier(desk.session, dossier_id)[0]
    for act in (
        lambda: proof.submit(desk.call(dossier_id)),
        lambda: attach(desk, dossier_id),
        lambda: proof.remove(desk.call(dossier_id, desk.operator()), kept.id),
        lambda: ssi.answer_ssi(desk.call(dossier_id, desk.operator()), {"antivirus": "non"}),
    ):
        with pytest.raises(Conflict):
            act()


def test_proofs_wait_for_admissibility_and_the_questionnaire_does_not(desk: Desk) -> None:
    dossier_id = desk.deposited()
    with pytest.raises(Conflict):
        attach(desk, dossier_id)
    ssi.answer_ssi(desk.call(dossier_id, desk.operator()), {"antivirus": "oui"})
    assert ssi.is_done(desk.session, dossier_id)
    with pytest.raises(InvalidAnswer):
        ssi.answer_ssi(desk.call(dossier_id, desk.operator()), {})


def test_only_its_own_operator_attaches_to_a_dossier(desk: Desk) -> None:
    dossier_id = desk.admitted(0)
    with pytest.raises(NotFound):
        attach(desk, dossier_id, rank=1)


@pytest.mark.parametrize(("code", "position"), [("CFG-01", 1), ("APP-01", 1), ("TLS-01", 3)])
def test_a_proof_that_nobody_asked_for_is_refused(desk: Desk, code: str, position: int) -> None:
    with pytest.raises(InvalidAnswer):
        attach(desk, desk.admitted(), requirement_code=code, position=position)


def test_an_empty_file_proves_nothing(desk: Desk) -> None:
    with pytest.raises(InvalidAnswer):
        attach(desk, desk.admitted(), stored=desk.store.put(b""))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("C:\\preuves\\trace.log", "trace.log"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b.txt", "ab.txt"),
    ],
)
def test_a_file_keeps_its_name_and_no_path(desk: Desk, typed: str, kept: str) -> None:
    found = attach(desk, desk.admitted(), file_name=typed)
    assert (found.file_name, found.media_type) == (kept, "text/plain")


def test_a_proof_is_taken_away_before_the_submission(desk: Desk) -> None:
    dossier_id = desk.admitted()
    attached = attach(desk, dossier_id)
    proof.remove(desk.call(dossier_id, desk.operator()), attached.id)
    desk.session.flush()
    assert proof.of_dossier(desk.session, dossier_id) == []
    with pytest.raises(NotFound):
        proof.remove(desk.call(dossier_id, desk.operator()), attached.id)


@pytest.mark.rule(76, 77)
def test_proofs_are_confidential(desk: Desk) -> None:
    attached = attach(desk, desk.admitted(0))
    readers = (desk.agent("instructor"), desk.agent("auditor"))
    assert proof.find_readable(desk.session, attached.id, desk.operator(0)) is attached
    for reader in readers:
        with pytest.raises(NotFound):
            proof.find_readable(desk.session, attached.id, reader)
    attached.handed_in_at = desk.clock.now()
    for reader in readers:
        assert proof.find_readable(desk.session, attached.id, reader) is attached
    for stranger in (desk.operator(1), desk.agent("support"), desk.agent("signatory")):
        with pytest.raises(NotFound):
            proof.find_readable(desk.session, attached.id, stranger)


@pytest.mark.rule(57)
def test_the_instruction_does_not_read_the_questionnaire(desk: Desk) -> None:
    dossier_id = desk.submitted()
    for reader in (desk.operator(), desk.agent("ssi_officer")):
        assert ssi.answers_for(desk.session, dossier_id, reader) == {"antivirus": "oui"}
    for other in ("instructor", "college_member", "auditor"):
        with pytest.raises(NotAllowed):
            ssi.answers_for(desk.session, dossier_id, desk.agent(other))
    assert all("oui" not in str(entry.payload) for call in desk.calls for entry in call.entries)


def test_a_convention_is_signed_by_the_operator_then_by_the_agency_once_each(desk: Desk) -> None:
    dossier_id = desk.admitted()
    for early in (convention.sign, convention.countersign):
        with pytest.raises(Conflict):
            early(desk.call(dossier_id))
    convention.send(desk.call(dossier_id))
    with pytest.raises(Conflict):
        convention.countersign(desk.call(dossier_id))
    convention.sign(desk.call(dossier_id))
    convention.countersign(desk.call(dossier_id))
    kept = convention.find(desk.session, dossier_id)
    assert kept is not None
    assert kept.in_force
    assert "Messagerie 0" in kept.text
    for again in (convention.send, convention.sign, convention.countersign):
        with pytest.raises(Conflict):
            again(desk.call(dossier_id))


def test_one_solicitation_is_open_at_a_time_and_answered_once(desk: Desk) -> None:
    dossier_id = desk.deposited()
    sent = solicitation.send(
        desk.call(dossier_id), "admissibility", [" Votre SIRET ? ", "", "Qui ?"]
    )
    asked = solicitation.questions_of(desk.session, sent["solicitation_id"])
    assert [question.text for question in asked] == ["Votre SIRET ?", "Qui ?"]
    with pytest.raises(Conflict):
        solicitation.send(desk.call(dossier_id), "admissibility", ["Encore ?"])
    solicitation_answer.record(desk.call(dossier_id, desk.operator()), "Le voici.")
    with pytest.raises(Conflict):
        solicitation_answer.record(desk.call(dossier_id, desk.operator()), "Deux fois.")
    assert solicitation.open_of(desk.session, dossier_id) is None
    solicitation.send(desk.call(dossier_id), "instruction", ["Autre question ?"])
    assert [found.number for found in solicitation.of_dossier(desk.session, dossier_id)] == [1, 2]


@pytest.mark.parametrize("questions", [[], ["  "], ["?"] * 51, ["?" * 2001]])
def test_a_solicitation_asks_something_and_not_too_much(desk: Desk, questions: list[str]) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        solicitation.send(desk.call(desk.deposited()), "admissibility", questions)
    assert list(refused.value.faults) == ["questions"]


@pytest.mark.parametrize("answer", ["", "   ", "x" * 20_001])
def test_an_answer_says_something(desk: Desk, answer: str) -> None:
    dossier_id = desk.deposited()
    solicitation.send(desk.call(dossier_id), "admissibility", ["Votre SIRET ?"])
    with pytest.raises(InvalidAnswer):
        solicitation_answer.record(desk.call(dossier_id, desk.operator()), answer)
