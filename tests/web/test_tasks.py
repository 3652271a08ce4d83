"""Tasks answered through their pages: what is refused, what is kept, what happens next."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select
from stage import (
    INSTRUCTOR,
    LEGAL,
    OFFICER,
    OPERATOR,
    OWNER,
    PRESIDENT,
    SIGNATORY,
    SIRET,
    STRANGER,
    Stage,
)

from workflow.domain.dossier import Dossier
from workflow.domain.instruction import Verdict
from workflow.domain.solicitation import Solicitation
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

DEPOSIT = {
    "company_name": "Messageries Alizé SAS",
    "siret": SIRET,
    "legal_representative_name": "Odile Renaudin",
    "legal_representative_email": "direction@alize.example",
    "legal_representative_phone": "01 99 00 12 34",
    "contact_name": "Nadia Ferrand",
    "service_name": "Alizé Santé Pro",
    "service_version": "4.2",
    "dsr": "DSR-OPE-MSS",
    "profiles": "general",
    "planned_proof_on": "05/12/2022",
    "publication_authorised": "true",
    "commitment_functionality": "true",
    "commitment_sincere_proofs": "true",
    "commitment_process": "true",
    "commitment_no_health_data": "true",
    "commitment_no_security_risk": "true",
}
ADMISSIBLE = {
    "outcome": "admissible",
    "in_trust_space": "true",
    "component_source": "self",
    "contract_v2_operator_on": "02/05/2022",
    "contract_v2_agency_on": "09/05/2022",
}


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def controls(page: str) -> dict[str, str]:
    """The fields by which a page proves what it showed."""
    return {name: hidden(page, name) for name in ("~revision", "~key")}


def test_the_deposit_form_knows_the_operators_company(stage: Stage, signed_in: SignedIn) -> None:
    page = signed_in(OPERATOR).open("/deposer")
    assert 'value="Messageries Alizé SAS"' in page
    assert "22 novembre 2022, 23 h 59" in page


def test_a_deposit_gets_a_number(stage: Stage, signed_in: SignedIn) -> None:
    operator = signed_in(OPERATOR)
    operator.open("/deposer")
    page = operator.post("/deposer", more=DEPOSIT)
    assert "Candidature déposée. Elle porte le numéro 2022-001." in page


def test_an_incomplete_deposit_keeps_what_was_typed(stage: Stage, signed_in: SignedIn) -> None:
    operator = signed_in(OPERATOR)
    operator.open("/deposer")
    page = operator.post("/deposer", more={**DEPOSIT, "siret": "123 456 782 00011"})
    assert operator.page.status_code == 422
    assert "Le dépôt n’est pas fait : 1 réponse à corriger" in page
    assert 'value="Alizé Santé Pro"' in page


def test_a_deposit_sent_twice_makes_one_dossier(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    operator = signed_in(OPERATOR)
    key = hidden(operator.open("/deposer"), "~key")
    for _time in range(2):
        operator.post("/deposer", more={**DEPOSIT, "~key": key})
        assert "dossiers/2022-001" in operator.page.request.path
    with runtime.database.reading() as session:
        assert len(session.scalars(select(Dossier)).all()) == 1


def test_a_late_deposit_is_announced_received_and_closed(stage: Stage, signed_in: SignedIn) -> None:
    stage.move_to("2022-11-23T00:00")
    operator = signed_in(OPERATOR)
    assert "La campagne est close" in operator.open("/deposer")
    page = operator.post("/deposer", more=DEPOSIT)
    assert "Candidature reçue hors des dates de la campagne : elle est close." in page
    assert "Reçu hors délai" in page


def test_an_answer_sent_twice_is_recorded_once(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id = stage.solicited()
    operator = signed_in(OPERATOR)
    address = f"/taches/{stage.task_id(dossier_id, 'answer_solicitation')}"
    fields = {**controls(operator.open(address)), "answer": "Voici l'essai."}
    assert "Réponse envoyée." in operator.post(address, more=fields)
    operator.post(address, more=fields)
    assert operator.page.status_code == 200
    with runtime.database.reading() as session:
        assert session.scalars(select(Solicitation.answer)).all() == ["Voici l'essai."]


def test_an_answer_to_a_task_done_by_someone_else_is_told_and_kept(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.solicited()
    operator = signed_in(OPERATOR)
    address = f"/taches/{stage.task_id(dossier_id, 'answer_solicitation')}"
    fields = controls(operator.open(address))
    stage.do(dossier_id, "answer_solicitation", OPERATOR)
    page = operator.post(address, more={**fields, "answer": "Une réponse longue et utile."})
    assert operator.page.status_code == 409
    assert "Nadia Ferrand l’a faite" in page
    assert "Votre réponse n’est pas enregistrée." in page
    assert "Une réponse longue et utile." in page


def test_an_answer_after_the_delay_is_told_and_kept(stage: Stage, signed_in: SignedIn) -> None:
    dossier_id = stage.solicited()
    operator = signed_in(OPERATOR)
    address = f"/taches/{stage.task_id(dossier_id, 'answer_solicitation')}"
    fields = controls(operator.open(address))
    stage.move_to("2022-12-04T00:00")
    page = operator.post(address, more={**fields, "answer": "Une réponse trop tardive."})
    assert operator.page.status_code == 409
    assert "le délai est passé" in page
    assert "Une réponse trop tardive." in page


def test_a_stale_page_says_who_acted_and_keeps_the_answer(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.admitted()
    stage.fill_proofs(dossier_id)
    operator = signed_in(OPERATOR)
    address = f"/taches/{stage.task_id(dossier_id, 'submit_proofs')}"
    page = operator.open(address)
    accepted = dict.fromkeys(
        ("third_party_disclaimer", "fictitious_data", "no_security_risk"), "true"
    )
    fields = controls(page)
    stage.do(dossier_id, "sign_convention", LEGAL)
    page = operator.post(address, more={**fields, **accepted})
    assert operator.page.status_code == 409
    assert "Odile Renaudin, aujourd’hui, 9 h 40 : Fait : « Signer la convention »." in page
    assert page.count("checked") == 3
    assert "Preuves déposées." in operator.post(address, more={**controls(page), **accepted})


def test_the_wrong_role_is_told_and_changes_nothing(stage: Stage, signed_in: SignedIn) -> None:
    dossier_id = stage.deposit()
    address = f"/taches/{stage.task_id(dossier_id, 'check_admissibility')}"
    for email, status in ((INSTRUCTOR, 403), (OWNER, 403), (OPERATOR, 403)):
        someone = signed_in(email)
        someone.open("/compte")
        page = someone.post(address, more=ADMISSIBLE)
        assert someone.page.status_code == status
        assert "Votre rôle ne permet pas cet acte" in page
    assert "Contrôler la recevabilité" in signed_in(OFFICER).open(address)


def test_an_admissible_that_the_table_denies_is_refused_in_words(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.deposit()
    officer = signed_in(OFFICER)
    address = f"/taches/{stage.task_id(dossier_id, 'check_admissibility')}"
    fields = {**controls(officer.open(address)), **ADMISSIBLE, "component_source": "operator"}
    page = officer.post(address, more=fields)
    assert officer.page.status_code == 422
    assert "Le contrôle n’est pas enregistré" in page


def test_an_unknown_task_is_not_found(stage: Stage, signed_in: SignedIn) -> None:
    operator = signed_in(OPERATOR)
    operator.open("/taches/0123456789abcdef")
    assert operator.page.status_code == 404


def test_an_instructor_judges_some_requirements_and_asks_about_another(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id = stage.submitted()
    instructor = signed_in(INSTRUCTOR)
    address = f"/taches/{stage.task_id(dossier_id, 'instruct_dossier')}"
    page = instructor.open(address)
    assert "0 sur 24 exigences jugées" in re.sub("<[^>]+>", "", page)
    assert "Préconisations, jamais jugées" in page
    codes = re.findall(r'name="(verdicts\.\d+\.requirement)" value="([^"]+)"', page)
    fields = dict(codes) | controls(page)
    fields |= {"verdicts.0.verdict": "conform", "verdicts.7.verdict": "to_clarify"}
    fields |= {"outcome": "solicit", "questions": "Et en TLS 1.1 ?"}
    assert "les questions sont envoyées" in instructor.post(address, more=fields)
    with runtime.database.reading() as session:
        given = session.scalars(select(Verdict).order_by(Verdict.requirement_code)).all()
        assert {(row.requirement_code, row.verdict) for row in given} == {
            (codes[0][1], "conform"),
            (codes[7][1], "to_clarify"),
        }


def test_a_verdict_that_is_missing_is_shown_beside_its_requirement(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.submitted()
    instructor = signed_in(INSTRUCTOR)
    address = f"/taches/{stage.task_id(dossier_id, 'instruct_dossier')}"
    page = instructor.open(address)
    codes = re.findall(r'name="(verdicts\.\d+\.requirement)" value="([^"]+)"', page)
    fields = dict(codes) | controls(page)
    fields |= {"verdicts.5.comment": "Documentation absente.", "outcome": "complete"}
    page = instructor.post(address, more=fields)
    assert instructor.page.status_code == 422
    assert 'href="#f-verdicts-5-verdict"' in page
    assert "Documentation absente." in page


def test_the_college_leaves_a_dossier_for_the_next_session(
    stage: Stage, signed_in: SignedIn
) -> None:
    first, second = stage.instructed("Alizé Un"), stage.instructed("Alizé Deux")
    president = signed_in(PRESIDENT)
    president.open("/college/convoquer")
    president.post("/college/convoquer")
    address = f"/taches/{stage.task_id(None, 'hold_session')}"
    page = president.open(address)
    fields = controls(page) | {
        "attendance": "Hélène Vasseur\nMarc Olivet\nInès Bouvard",
        "decisions.0.dossier": stage.number(first),
        "decisions.0.outcome": "award",
        "decisions.1.dossier": stage.number(second),
        "decisions.1.outcome": "",
    }
    assert "Décisions de la séance enregistrées" in president.post(address, more=fields)
    page = president.open("/college")
    agenda = page.split('id="agenda"')[1].split('id="held"')[0]
    assert "Alizé Deux" in agenda
    assert "Alizé Un" not in agenda


def test_a_withdrawal_asks_first_and_then_ends_the_dossier(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    assert "Se désister…" in operator.open(f"/dossiers/{number}")
    address = f"/dossiers/{number}/fin/withdraw"
    assert "Il est définitif" in operator.open(address)
    page = operator.post(address, reason="Le service est abandonné.")
    assert "Désistement enregistré. Le dossier est clos." in page
    assert "Se désister…" not in page
    operator.open(address)
    assert operator.page.status_code == 409


def test_an_exclusion_needs_a_reason(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.admitted())
    owner = signed_in(OWNER)
    address = f"/dossiers/{number}/fin/exclude"
    owner.open(address)
    page = owner.post(address, reason=" ")
    assert owner.page.status_code == 422
    assert "Le dossier n’est pas exclu" in page
    assert "Dossier exclu." in owner.post(address, reason="Preuves falsifiées.")


def test_a_refused_service_is_presented_again_from_its_proofs(
    stage: Stage, signed_in: SignedIn
) -> None:
    reservation = {"requirement": "DER-TLS-02", "nature": "major", "text": "Refuser TLS 1.1."}
    number = stage.number(stage.decided("blocking", [reservation]))
    operator = signed_in(OPERATOR)
    address = f"/dossiers/{number}/nouvelle-candidature"
    page = operator.open(f"/dossiers/{number}")
    assert "Candidater une nouvelle fois" in page
    # Why it ended is said in words, never by the ground's name.
    assert "Refusé : réserves bloquantes, le " in page
    assert ">blocking<" not in page
    operator.open(address)
    typed = {**DEPOSIT, "service_version": "4.3"}
    assert "Relisez ce qui est repris" in operator.post(address, more=typed)
    page = operator.post(address, more={**typed, "~reread": "yes"})
    assert "Candidature déposée. Elle porte le numéro 2022-002." in page
    assert "reprise de la précédente" in page
    stranger = signed_in(STRANGER)
    stranger.open(address)
    assert stranger.page.status_code == 404


def test_the_signatory_reads_the_text_that_is_signed(stage: Stage, signed_in: SignedIn) -> None:
    dossier_id = stage.admitted()
    stage.do(dossier_id, "sign_convention", LEGAL)
    signatory = signed_in(SIGNATORY)
    address = f"/taches/{stage.task_id(dossier_id, 'countersign_convention')}"
    page = signatory.open(address)
    assert "Convention de référencement" in page
    assert "représentant légal, le 3 novembre" in page
    fields = {**controls(page), "accepted": "true"}
    assert "elle est en vigueur" in signatory.post(address, more=fields)
