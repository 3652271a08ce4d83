"""The page of a dossier, its proofs, its history and the deployed diagrams."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from stage import (
    AUDITOR,
    INSTRUCTOR,
    LEGAL,
    MEMBER,
    OFFICER,
    OPERATOR,
    OWNER,
    PRESIDENT,
    SSI_OFFICER,
    STRANGER,
    Stage,
)

from benchmarks.pages import addresses_of
from web.demo_accounts import DEMO_ACCOUNTS
from workflow.audit_log import AuditEntry
from workflow.domain.proof import Proof
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import HumanTask

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

MOST_STATEMENTS = 12
UNCOUNTED = ("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK")


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


@contextmanager
def statements(runtime: Runtime) -> Iterator[list[str]]:
    """The SQL statements sent meanwhile."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(UNCOUNTED):
            sent.append(statement)

    event.listen(runtime.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(runtime.database.engine, "before_cursor_execute", note)


def test_the_operator_reads_the_questions_and_the_ladder_of_effects(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.solicited()
    number = stage.number(dossier_id)
    operator = signed_in(OPERATOR)
    page = operator.open(f"/dossiers/{number}")
    box = page.split('class="mine')[1].split("</section>")[0]
    assert "Pouvez-vous fournir le même essai en TLS 1.1 ?" in box
    order = [
        "Le rang dans la file n’est plus garanti",
        "Un retard important est annoncé",
        "La demande est considérée comme abandonnée",
    ]
    places = [box.index(effect) for effect in order]
    assert places == sorted(places)
    assert "Samedi 3 décembre" in box
    exchanges = operator.open(f"/dossiers/{number}/echanges")
    assert f'href="/taches/{stage.task_id(dossier_id, "answer_solicitation")}"' in exchanges
    assert "votre rang dans la file n’est plus garanti" in exchanges


def test_the_token_stands_on_the_drawing_and_in_the_text(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.solicited())
    page = signed_in(INSTRUCTOR).open(f"/dossiers/{number}")
    macro, detail = re.findall(r'<div class="diagram.*?</div>', page, re.S)
    assert 'data-here="instruction"' in macro
    assert "register_deposit" in macro.split('data-was="')[1].split('"')[0].split()
    assert f'"admissibility": "/dossiers/{number}?schema=admissibility#where"' in macro
    assert 'data-here="answer_solicitation"' in detail
    assert "<strong>Répondre à la sollicitation</strong>" in page
    drawing = signed_in(INSTRUCTOR)
    source = re.search(r'data-diagram="([^"]+)"', detail)
    assert source is not None
    assert 'id="answer_solicitation"' in drawing.open(source[1])


def test_the_agency_side_sees_no_box_of_its_own_when_the_operator_holds_the_hand(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.solicited())
    page = signed_in(INSTRUCTOR).open(f"/dossiers/{number}")
    assert 'class="mine' not in page
    assert "Suspendu : réponse attendue de l’opérateur" in page


@pytest.mark.rule(77)
def test_verdicts_are_the_agencys_until_the_college_has_decided(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.instructed())
    assert "Verdicts" in signed_in(PRESIDENT).open(f"/dossiers/{number}/echanges")
    operator = signed_in(OPERATOR)
    assert "Verdicts" not in operator.open(f"/dossiers/{number}/echanges")
    operators_page = operator.open(f"/dossiers/{number}")
    assert "verdict" not in operators_page.split('id="history"')[1].split("</table>")[0]


@pytest.mark.rule(71, 72)
def test_the_operator_reads_the_reservations_after_the_decision(
    stage: Stage, signed_in: SignedIn
) -> None:
    reservation = {"requirement": "DER-TLS-02", "nature": "minor", "text": "Refuser TLS 1.1."}
    number = stage.number(stage.decided("non_blocking", [reservation]))
    page = signed_in(OPERATOR).open(f"/dossiers/{number}")
    assert "Réserves non bloquantes" in page
    assert "Refuser TLS 1.1." in page
    assert "le référencement est refusé" in page


def test_a_listed_dossier_leads_to_the_register_and_its_attestation(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.decided("award"))
    operator = signed_in(OPERATOR)
    page = operator.open(f"/dossiers/{number}")
    assert "Référencé sous le numéro" in page
    assert "OPE-MSS-2022-0001-" in page
    assert "Attestation de conformité" in operator.open(f"/dossiers/{number}/attestation")
    assert "attachment" in operator.page.headers["Content-Disposition"]


def test_a_page_reads_a_bounded_number_of_statements(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    numbers = [stage.number(stage.solicited(f"Alizé {rank}")) for rank in range(2)]
    officer = signed_in(INSTRUCTOR)
    pages = ["/accueil", "/dossiers", "/file", "/college"]
    tabs = ("", "/echanges", "/documents", "/dates", "/historique", "/interne")
    pages += [f"/dossiers/{numbers[0]}{tab}" for tab in tabs]
    counts: dict[str, int] = {}
    for page in pages:
        officer.open(page)
        with statements(runtime) as sent:
            officer.open(page)
        counts[page] = len(sent)
    for rank in range(2, 6):
        stage.solicited(f"Alizé {rank}")
    for page in pages:
        with statements(runtime) as sent:
            officer.open(page)
        assert len(sent) <= counts[page], page
        assert len(sent) <= MOST_STATEMENTS, (page, len(sent))


def test_no_page_of_anybody_reads_more_than_twelve_statements(
    stage: Stage, signed_in: SignedIn, app: Flask, runtime: Runtime
) -> None:
    stage.decided("award")
    stage.solicited("Alizé Solicité")
    stage.admitted("Alizé Preuves")
    stage.deposit("Alizé Contrôle")
    stage.do(stage.solicited("Alizé Instruit"), "answer_solicitation", OPERATOR)
    stage.submitted("Alizé File")
    with runtime.database.reading() as session:
        opened = session.scalars(select(HumanTask.id).where(HumanTask.closed_at.is_(None))).all()
    too_many: dict[tuple[str, str], int] = {}
    addresses = sorted({*addresses_of(app, runtime), *(f"/taches/{task}" for task in opened)})
    for account in DEMO_ACCOUNTS:
        person = signed_in(account.email)
        for address in addresses:
            count = _statements_of(person, address, runtime)
            if count > MOST_STATEMENTS:
                # What never changes, such as a diagram's version, is read by the first who opens.
                count = _statements_of(person, address, runtime)
            if count > MOST_STATEMENTS:
                too_many[address, account.email] = count
    assert too_many == {}


def _statements_of(person: Browser, address: str, runtime: Runtime) -> int:
    with statements(runtime) as sent:
        answer = person.client.get(address)
        answer.get_data()
    return len(sent) if answer.status_code == 200 else 0


def test_files_are_attached_read_and_taken_away(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    address = f"/dossiers/{number}/preuves"
    assert "0 preuve sur 33" in operator.open(address)
    files = [(io.BytesIO(b"un"), "essai.txt"), (io.BytesIO(b"deux"), "<b>trace.log")]
    page = operator.post(address, **{"file.DER-TLS-02.1": files})
    assert "2 fichiers joints." in page
    assert "1 preuve sur 33" in page
    assert re.search(r'<a href="/dossiers" aria-current="page"[^>]*>Dossiers</a>', page)
    with runtime.database.reading() as session:
        kept = {row.file_name: row.id for row in session.scalars(select(Proof))}
    assert kept.keys() == {"essai.txt", "<b>trace.log"}
    operator.open(f"/preuves/{kept['essai.txt']}")
    assert operator.page.data == b"un"
    assert operator.page.headers["Content-Disposition"].startswith("attachment")
    assert operator.page.headers["X-Content-Type-Options"] == "nosniff"
    operator.page.close()
    removal = f"{address}/{kept['essai.txt']}/retirer"
    operator.open(removal.replace(number, stage.number(stage.admitted())))
    assert operator.page.status_code == 404
    assert "Retirer cette preuve ?" in operator.open(removal)
    assert "Fichier retiré : essai.txt." in operator.post(removal)


def test_choosing_no_file_or_an_unexpected_one_is_told(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    address = f"/dossiers/{number}/preuves"
    operator.open(address)
    assert "Aucun fichier n’est choisi." in operator.post(address)
    strange = {"file.DER-XXX-99.1": [(io.BytesIO(b"x"), "x.txt")]}
    assert "n’est pas demandée" in operator.post(address, **strange)
    empty = {"file.DER-TLS-02.1": [(io.BytesIO(b""), "vide.txt")]}
    assert "vide" in operator.post(address, **empty)
    assert operator.page.status_code == 422


@pytest.mark.rule(56, 76)
def test_proofs_are_read_by_their_readers_once_submitted(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id = stage.admitted()
    number = stage.number(dossier_id)
    stage.fill_proofs(dossier_id)
    with runtime.database.reading() as session:
        proof_id = session.scalars(select(Proof.id)).first()
    instructor = signed_in(INSTRUCTOR)
    assert "n’a pas encore déposé ses preuves" in instructor.open(f"/dossiers/{number}/preuves")
    instructor.open(f"/preuves/{proof_id}")
    assert instructor.page.status_code == 404
    stage.do(dossier_id, "submit_proofs", OPERATOR)
    instructor.open(f"/preuves/{proof_id}")
    assert instructor.page.status_code == 200
    instructor.page.close()
    for email, status in ((STRANGER, 404), (OFFICER, 404), (OPERATOR, 200)):
        someone = signed_in(email)
        someone.open(f"/preuves/{proof_id}")
        assert someone.page.status_code == status, email
        someone.page.close()
    operator = signed_in(OPERATOR)
    operator.open(f"/dossiers/{number}/preuves")
    late = {"file.DER-TLS-02.1": [(io.BytesIO(b"x"), "x.txt")]}
    operator.post(f"/dossiers/{number}/preuves", **late)
    assert operator.page.status_code == 409


def test_a_path_is_no_file_name(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    operator.open(f"/dossiers/{number}/preuves")
    hidden = {"file.DER-TLS-02.1": [(io.BytesIO(b"x"), "<b>trace</b>.log")]}
    assert "contient un chemin" in operator.post(f"/dossiers/{number}/preuves", **hidden)
    assert operator.page.status_code == 422


@pytest.mark.rule(57)
def test_the_ssi_answers_are_hidden_from_the_instruction(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.submitted())
    address = f"/dossiers/{number}/questionnaire-ssi"
    readers = {OPERATOR: 200, LEGAL: 200, SSI_OFFICER: 200}
    others = {INSTRUCTOR: 403, MEMBER: 403, PRESIDENT: 403, OWNER: 403, STRANGER: 404}
    for email, status in {**readers, **others}.items():
        someone = signed_in(email)
        someone.open(address)
        assert someone.page.status_code == status, email


def test_the_questionnaire_is_filled_before_the_submission(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    address = f"/dossiers/{number}/questionnaire-ssi"
    operator.open(address)
    assert "Le questionnaire n’est pas enregistré" in operator.post(address)
    yes = dict.fromkeys(
        (
            "security_policy",
            "security_officer",
            "risk_analysis",
            "vulnerability_watch",
            "incident_procedure",
            "restoration_test",
        ),
        "yes",
    )
    answers = {**yes, "penetration_test": "false", "certifications": "none"}
    carried = {**answers, "~shown": "0"}
    assert "Questionnaire enregistré." in operator.post(address, more=carried)
    page = operator.post(address, more={**carried, "penetration_test": "false"})
    assert operator.page.status_code == 409
    assert f"{stage.who(OPERATOR).name}, aujourd’hui, 9 h 40" in page
    assert "Remplit le questionnaire de maturité SSI" in page
    current = re.search(r'name="~shown" value="([^"]+)"', page)
    assert current is not None
    assert "Questionnaire enregistré." in operator.post(
        address, more={**answers, "~shown": current[1]}
    )


@pytest.mark.rule(58)
def test_a_proof_file_that_lacks_something_is_not_submitted(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.admitted()
    operator = signed_in(OPERATOR)
    address = f"/taches/{stage.task_id(dossier_id, 'submit_proofs')}"
    assert "Il manque 33 preuves." in operator.open(address)
    names = ("third_party_disclaimer", "fictitious_data", "no_security_risk")
    page = operator.post(address, more=dict.fromkeys(names, "true"))
    assert operator.page.status_code == 422
    assert "Les preuves ne sont pas déposées" in page
    assert "Le questionnaire de maturité SSI n’est pas rempli." in page


def test_the_history_is_read_whole_and_verified(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id = stage.solicited()
    address = f"/dossiers/{stage.number(dossier_id)}/historique"
    auditor = signed_in(AUDITOR)
    page = auditor.open(address)
    assert "Chaîne intacte" in page
    assert "solicitation:sent" not in page
    assert "solicitation:sent" in auditor.open(f"{address}?apres=50")
    assert "Données" in page
    assert "Données</span>" not in signed_in(INSTRUCTOR).open(address)
    with runtime.database.transaction() as session:
        session.execute(
            update(AuditEntry)
            .where(AuditEntry.chain == f"dossier:{dossier_id}", AuditEntry.sequence == 3)
            .values(actor_name="Quelqu'un d'autre")
        )
    assert "La chaîne est rompue" in auditor.open(address)


def test_the_history_of_the_house_is_for_the_auditor_and_the_owner(
    stage: Stage, signed_in: SignedIn
) -> None:
    assert "Met en vigueur dossier.bpmn, version 1." in signed_in(AUDITOR).open("/historique")
    instructor = signed_in(INSTRUCTOR)
    instructor.open("/historique")
    assert instructor.page.status_code == 403


def test_deployed_diagrams_are_listed_and_shown(stage: Stage, signed_in: SignedIn) -> None:
    owner = signed_in(OWNER)
    assert "Référencement DSR" in owner.open("/schemas")
    assert "version 1" in owner.open("/schemas/dossier.bpmn")
    assert "Éligibilité : table de décision" in owner.open("/schemas")
    for address in ("/schemas/absent.bpmn", "/schemas/dossier.bpmn/9"):
        owner.open(address)
        assert owner.page.status_code == 404
