"""Who else is there, threads of internal notes, and acts decided on an older view of things."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from stage import (
    ADMINISTRATOR,
    AUDITOR,
    CAMPAIGN,
    INSTRUCTOR,
    LEGAL,
    OFFICER,
    OPERATOR,
    OWNER,
    PARTNER,
    PRESIDENT,
    STRANGER,
    Stage,
    demo_runtime,
)

from api.context import RUNTIME, SYSTEM_CLOCK
from tests.web.conftest import Browser
from tests.web.test_dossiers import MOST_STATEMENTS, statements
from web import account_door
from web.demo_accounts import DEMO_PASSWORD
from web.security import limiter
from workflow.clock import PARIS, VirtualClock, paris_date
from workflow.domain import absence_acts, account_invitation, interest, person
from workflow.domain.absence import Absence
from workflow.domain.absence_acts import AbsenceWish
from workflow.domain.college import CollegeSession
from workflow.domain.mandate import Mandate
from workflow.domain.requirement import Requirement
from workflow.engine import acts, drafts, presence

COLLEAGUE, BARRED = "collegue@ans.example", "ancien@ans.example"
pytestmark = pytest.mark.xdist_group("presence and comments")
SECRET = "Le journal TLS paraît retouché."
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class House:
    """One site for every test here, each on a dossier of its own; people sign in once."""

    stage: Stage
    machine: VirtualClock
    of: Callable[[str], Browser]

    def queued(self, service: str) -> tuple[int, str]:
        """A dossier in the queue."""
        dossier_id = self.stage.submitted(service)
        return dossier_id, self.stage.number(dossier_id)

    def pass_time(self, **gap: float) -> None:
        """Let time pass on both clocks."""
        for clock in (self.machine, self.stage.runtime.clock):
            assert isinstance(clock, VirtualClock)
            clock.move_to(clock.now() + timedelta(**gap))


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None, shared_app: Flask
) -> Iterator[House]:
    machine = VirtualClock(datetime(2026, 1, 5, 9, 0, tzinfo=PARIS))
    config = dict(shared_app.config)
    with demo_runtime(tmp_path_factory.mktemp("house")) as runtime:
        with runtime.database.transaction() as session:
            for email, name in ((COLLEAGUE, "Bruno Keller"), (BARRED, "Inès Morel")):
                person.add_person(
                    session,
                    email=email,
                    name=name,
                    password=DEMO_PASSWORD,
                    roles=["instructor"],
                    at=machine.now(),
                )
        shared_app.extensions.update({RUNTIME: runtime, SYSTEM_CLOCK: machine})
        shared_app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
        limiter.reset()
        known: dict[str, Browser] = {}

        def browser(email: str) -> Browser:
            if email not in known:
                known[email] = Browser(shared_app.test_client())
                known[email].sign_in(email)
            return known[email]

        yield House(Stage.set_up(runtime), machine, browser)
    shared_app.config.clear()
    shared_app.config.update(config)


def fields(page: str) -> dict[str, Any]:
    """What the forms of a page carry along."""
    return {name: value for name, value in HIDDEN.findall(page) if name != "csrf_token"}


def alert(page: str) -> str:
    """What the notice of a refused act says."""
    return re.sub(r"<[^>]+>|\s+", " ", page.split("notice is-alert")[1].split("</div>")[0])


# Presence


def test_colleagues_see_who_reads_a_dossier_and_who_fills_in_its_task(house: House) -> None:
    dossier_id, number = house.queued("Alizé Présence")
    bruno, officer, operator = (house.of(each) for each in (COLLEAGUE, OFFICER, OPERATOR))
    address, task = f"/dossiers/{number}", house.stage.task_id(dossier_id, "instruct_dossier")
    operator.open(address)
    assert "consulte ce dossier" not in officer.open(address)
    assert f"{house.stage.who(OFFICER).name} consulte ce dossier" in bruno.open(address)
    bruno.open(f"/taches/{task}")
    told = "Bruno Keller remplit « Instruire le dossier » depuis 9 h 40"
    assert told in officer.open(f"{address}/echanges").replace("\u2019", "'")
    for page in (address, f"{address}/documents"):
        assert "Bruno" not in operator.open(page)
        assert "data-around" not in operator.page.text
    house.of(PRESIDENT).open(address)
    house.of(INSTRUCTOR).open(address)
    both = sorted(house.stage.who(each).name for each in (PRESIDENT, INSTRUCTOR))
    assert f"{both[0]} et {both[1]} consultent ce dossier." in officer.open(address)
    part = officer.post("/presence", dossier=number, task="")
    assert (officer.page.status_code, told in part, "<html" in part) == (200, True, False)
    house.pass_time(seconds=presence.LASTS.total_seconds())
    assert "Bruno" not in officer.post("/presence", dossier=number, task="")


def test_colleagues_see_who_judges_the_proofs_and_who_reads_them(house: House) -> None:
    _dossier_id, number = house.queued("Alizé Revue")
    review = f"/dossiers/{number}/revue"
    house.of(COLLEAGUE).open(review)
    page = house.of(PRESIDENT).open(review)
    assert "Bruno Keller remplit « Instruire le dossier » depuis" in page
    president = house.stage.who(PRESIDENT).name
    with statements(house.stage.runtime) as sent:
        page = house.of(COLLEAGUE).open(house.of(PRESIDENT).page.request.path)
    assert len(sent) <= MOST_STATEMENTS, sent
    assert f"{president} consulte ce dossier." in page


def test_whoever_opens_a_task_that_a_colleague_fills_in_is_warned(house: House) -> None:
    dossier_id, number = house.queued("Alizé À deux")
    task, runtime = house.stage.task_id(dossier_id, "instruct_dossier"), house.stage.runtime
    bruno, other = house.of(COLLEAGUE), house.of(INSTRUCTOR)
    page = bruno.open(f"/taches/{task}")
    assert "Vous n’êtes pas seul" not in page
    drafts.save(runtime, task, {"comment": "Vu."}, house.stage.who(COLLEAGUE))
    house.pass_time(seconds=60)
    bruno.post("/presence", dossier=number, task=task)
    house.pass_time(seconds=60)
    page = other.open(f"/taches/{task}")
    assert "Vous n’êtes pas seul sur cette tâche" in page
    assert "Bruno Keller a ouvert cette tâche il y a 2 min." in page
    assert "Le brouillon de cette tâche est gardé" in page
    assert "Par Bruno Keller." in page


def test_nobody_outside_the_agency_asks_who_is_there(house: House) -> None:
    dossier_id, number = house.queued("Alizé Dehors")
    for email in (OPERATOR, LEGAL, PARTNER):
        outsider = house.of(email)
        outsider.open("/compte")
        outsider.post("/presence", dossier=number, task="")
        assert outsider.page.status_code == 403
    house.of(OFFICER).post("/presence", dossier="2022-987", task="")
    assert house.of(OFFICER).page.status_code == 404
    task = house.stage.task_id(dossier_id, "instruct_dossier")
    house.of(AUDITOR).open("/compte")
    house.of(AUDITOR).post("/presence", dossier=number, task=task)
    assert house.of(AUDITOR).page.status_code == 403


# Threads of notes, and mentions


def test_a_colleague_who_is_mentioned_is_told_and_answers_in_the_thread(house: House) -> None:
    _dossier_id, number = house.queued("Alizé Fil")
    inside = f"/dossiers/{number}/interne"
    bruno, president = house.of(COLLEAGUE), house.of(PRESIDENT)
    called = house.stage.who(PRESIDENT).name
    bruno.open(inside)
    page = bruno.post(f"{inside}/notes", text=f"{SECRET} @{called}, qu’en dites-vous ?")
    assert "Note ajoutée." in page
    assert f"Prévient : {called}" in page
    assert "une note vous mentionne" in president.open("/notifications")
    listed = president.open("/mentions")
    assert SECRET in listed
    assert "Fil ouvert" in listed
    page = president.open(inside)
    note = re.search(r'id="note-(\d+)"', page)
    assert note is not None
    president.post(f"{inside}/notes", text="Je le soumets au collège.", reply_to=note[1])
    page = president.post(f"{inside}/notes/{note[1]}/resolution", resolved="yes")
    assert "Je le soumets au collège." in page.split('class="plain replies"')[1]
    assert f'Résolu</span></span> <span class="meta">{called}' in page
    assert "Résolu" in president.open("/mentions")
    assert SECRET not in house.of(OFFICER).open("/mentions")


def test_a_note_is_worded_again_then_withdrawn_and_only_the_auditor_reads_it(house: House) -> None:
    _dossier_id, number = house.queued("Alizé Reprise")
    inside, bruno = f"/dossiers/{number}/interne", house.of(COLLEAGUE)
    bruno.open(inside)
    page = bruno.post(f"{inside}/notes", text="Le jounral est tronqué.")
    note = re.search(r"/notes/(\d+)/modifier", page)
    assert note is not None
    one = f"{inside}/notes/{note[1]}"
    stale = fields(bruno.open(f"{one}/modifier"))
    page = bruno.post(f"{one}/modifier", text="Le journal est tronqué.", more=stale)
    assert "1 version précédente" in page
    assert "Le jounral est tronqué." in page
    page = bruno.post(f"{one}/modifier", text="L’autre onglet.", more=stale)
    assert (bruno.page.status_code, "L’autre onglet." in page) == (409, True)
    assert "Le journal est tronqué." in alert(page)
    house.of(INSTRUCTOR).open(f"{one}/modifier")
    assert house.of(INSTRUCTOR).page.status_code == 409
    bruno.open(f"{one}/retirer")
    page = bruno.post(f"{one}/retirer")
    assert "Note retirée par son auteur" in page
    assert "tronqué" not in page
    assert "Le journal est tronqué." in house.of(AUDITOR).open(inside)


def test_a_mention_that_cannot_be_is_refused_with_words_and_the_text_is_kept(house: House) -> None:
    dossier_id, number = house.queued("Alizé Conflit")
    inside, bruno = f"/dossiers/{number}/interne/notes", house.of(COLLEAGUE)
    acts.perform(
        house.stage.runtime,
        house.stage.who(BARRED),
        dossier_id,
        lambda call: interest.declare(call, has_conflict=True, reason="Ancienne salariée."),
    )
    page = bruno.open(f"{inside}/nouvelle")
    assert "Inès Morel" not in page
    for name, sentence in (
        ("Inès Morel", "Un conflit d’intérêts ou un déport"),
        ("Nemo", "nom de personne"),
    ):
        page = bruno.post(inside, text=f"@{name}, venez voir.")
        assert (bruno.page.status_code, sentence in page) == (422, True)
        assert f"@{name}, venez voir." in page.split("<textarea")[1]
    with house.stage.runtime.database.reading() as session:
        code = session.query(Requirement.code).first()
    assert code is not None
    anchored = {"anchor": f"requirement:{code[0]}", "retour": f"/dossiers/{number}/preuves"}
    bruno.post(inside, text="À voir.", more=anchored)
    assert bruno.page.request.path == f"/dossiers/{number}/preuves"
    assert f"Notes : exigence {code[0]}" in bruno.open(f"/dossiers/{number}/interne")


def test_who_calls_an_absent_colleague_reads_that_their_stand_in_is_not_told(
    house: House,
) -> None:
    dossier_id, number = house.queued("Alizé Suppléance")
    runtime, barred = house.stage.runtime, house.stage.who(BARRED)
    acts.perform(
        runtime,
        barred,
        dossier_id,
        lambda call: interest.declare(call, has_conflict=True, reason="Ancienne salariée."),
    )
    with runtime.database.transaction() as session:
        away = person.add_person(
            session,
            email="absent@ans.example",
            name="Théo Brun",
            password=None,
            roles=["instructor"],
            at=runtime.clock.now(),
        )
        today = paris_date(runtime.clock.now())
        wish = AbsenceWish(
            person_id=away.id, first_day=today, last_day=today, stand_in_id=barred.person_id
        )
        absence_acts.declare(session, person.actor_of(session, away), wish, runtime.clock.now())
    inside, bruno = f"/dossiers/{number}/interne", house.of(COLLEAGUE)
    bruno.open(inside)
    page = bruno.post(f"{inside}/notes", text="@Théo Brun, à votre retour.")
    assert "Théo Brun est en absence. Rien n’en est dit à Inès Morel" in page
    assert "une note vous mentionne" not in house.of(BARRED).open("/notifications")


def test_an_operator_sees_no_trace_of_notes_and_mentions(house: House) -> None:
    _dossier_id, number = house.queued("Alizé Secret")
    bruno, president = house.of(COLLEAGUE), house.stage.who(PRESIDENT)
    inside = f"/dossiers/{number}/interne"
    bruno.open(inside)
    bruno.post(f"{inside}/notes", text=f"{SECRET} @{president.name}")
    for email in (OPERATOR, LEGAL):
        operator = house.of(email)
        for page in ("/accueil", "/notifications", f"/dossiers/{number}/echanges"):
            text = operator.open(page)
            assert not re.search(f"retouché|/mentions|/interne|{president.name} vous", text), page
        text = operator.open(f"/dossiers/{number}?historique=tout")
        assert "note interne" not in text
        for call in ("/history?limit=100", "/notifications", "/notes"):
            text = operator.client.get(f"/api/v1/dossiers/{number}{call}").text
            assert not re.search("note:|mentioned|retouché", text), call
        export = operator.client.get(f"/dossiers/{number}/export.zip")
        assert b"note:" not in export.data
        operator.open("/mentions")
        assert operator.page.status_code == 403


def test_a_reservation_says_how_many_threads_hang_on_it_to_the_agency_alone(house: House) -> None:
    minor = {"requirement": "DER-TLS-02", "nature": "minor", "text": "Préciser la version."}
    stage, officer = house.stage, house.of(INSTRUCTOR)
    dossier_id = stage.decided("non_blocking", [minor])
    number = stage.number(dossier_id)
    exchanges = f"/dossiers/{number}/echanges"
    officer.open(f"/dossiers/{number}/interne")
    officer.post(f"/dossiers/{number}/interne/notes", text=SECRET, anchor="reservation:1")
    stage.do(dossier_id, "correct_reservations", OPERATOR)
    task = f"/taches/{stage.task_id(dossier_id, 'verify_corrections')}"
    for address in (task, exchanges):
        officer.open(address)
        with statements(stage.runtime) as sent:
            assert "Notes internes (1), 1 fil ouvert" in officer.open(address), address
        assert len(sent) <= MOST_STATEMENTS, (address, sent)
    assert "Notes internes" not in house.of(OPERATOR).open(exchanges)


# Acts decided on an older view


def test_a_stale_act_on_a_dossier_says_who_did_what_and_keeps_the_reason(house: House) -> None:
    dossier_id, number = house.queued("Alizé Périmé")
    owner, operator = house.of(OWNER), house.of(OPERATOR)
    hold, withdraw = f"/dossiers/{number}/actes/suspendre", f"/dossiers/{number}/fin/withdraw"
    opened, leaving = fields(owner.open(hold)), fields(operator.open(withdraw))
    house.stage.do(
        dossier_id, "instruct_dossier", INSTRUCTOR, outcome="solicit", questions=["Pourquoi ?"]
    )
    by = house.stage.who(INSTRUCTOR).name
    for browser, address, carried in ((owner, hold, opened), (operator, withdraw, leaving)):
        page = browser.post(address, reason="Panne générale.", more=carried)
        assert browser.page.status_code == 409
        assert f"{by}, aujourd’hui, 9 h 4" in alert(page)
        assert "Instruire le dossier" in alert(page)
        assert "Panne générale." in page.split("<textarea")[1]
    again = fields(owner.page.text if owner.page.status_code == 409 else owner.open(hold))
    owner.post(hold, reason="Panne générale.", more=again)
    assert owner.page.status_code == 200
    page = owner.post(hold, reason="Encore.", more=again | {"~key": "another"})
    assert (owner.page.status_code, "plus lieu d’être" in alert(page)) == (409, True)


def test_a_question_taken_back_after_its_answer_is_told_so(house: House) -> None:
    dossier_id, number = house.queued("Alizé Répondu")
    house.stage.do(
        dossier_id, "instruct_dossier", INSTRUCTOR, outcome="solicit", questions=["Pourquoi ?"]
    )
    bruno, address = house.of(INSTRUCTOR), f"/dossiers/{number}/fin/withdraw_solicitation"
    carried = fields(bruno.open(address))
    house.stage.do(dossier_id, "answer_solicitation", OPERATOR)
    page = bruno.post(address, reason="Question sans objet.", more=carried)
    assert bruno.page.status_code == 409
    assert "Répondre à la sollicitation" in alert(page)
    assert "Question sans objet." in page


def test_a_dossier_that_changed_hands_is_not_taken_on_the_old_page(house: House) -> None:
    _dossier_id, number = house.queued("Alizé Mains")
    bruno, other = house.of(COLLEAGUE), house.of(INSTRUCTOR)
    address = f"/dossiers/{number}/prendre"
    carried = fields(bruno.open(address))
    other.post(address, reason="Le même composant.", more=fields(other.open(address)))
    page = bruno.post(address, reason="Je le connais.", more=carried)
    assert (bruno.page.status_code, house.stage.who(INSTRUCTOR).name in alert(page)) == (409, True)
    assert "Je le connais." in page.split("<textarea")[1]
    hands = f"/dossiers/{number}/mains"
    carried = fields(other.open(hands))
    other.post(hands, reason="Absent.", more=carried | {"act": "give_back"})
    assert other.page.status_code == 200
    page = other.post(hands, reason="Absente.", more=carried | {"act": "give_back"})
    assert (other.page.status_code, "Absente." in page) == (409, True)


def test_what_the_house_keeps_is_not_overwritten_unseen(house: House) -> None:
    owner, administrator = house.of(OWNER), house.of(ADMINISTRATOR)
    text = f"/campagnes/{CAMPAIGN}/textes/admitted/fr"
    owner.open("/modeles")
    new = {"kind": "admissibility", "title": "SIRET", "text": "Quel est votre SIRET ?"}
    owner.post(f"/campagnes/{CAMPAIGN}/modeles/nouveau", more=new)
    template = re.search(r"/modeles/\d+", owner.open("/modeles"))
    assert template is not None
    someone = f"/personnes/{house.stage.who(COLLEAGUE).person_id}/roles"
    tried: list[tuple[Browser, str, dict[str, Any], dict[str, Any], str]] = [
        (
            owner,
            text,
            {"subject": "Dossier {number} : recevable", "body": "Premier texte."},
            {"subject": "Dossier {number} : oui", "body": "Second texte."},
            "Premier texte.",
        ),
        (
            owner,
            template[0],
            {"title": "Premier", "text": "Première question ?"},
            {"title": "Second", "text": "Seconde question ?"},
            "Première question ?",
        ),
        (
            administrator,
            someone,
            {"roles": ["instructor", "auditor"], "confirmed": "yes"},
            {"roles": ["instructor", "signatory"]},
            "auditeur",
        ),
    ]
    for browser, address, first, second, now_said in tried:
        carried = fields(browser.open(address))
        house.pass_time(seconds=1)
        browser.post(address, more=carried | first)
        assert browser.page.status_code == 200, address
        page = browser.post(address, more=carried | second)
        assert browser.page.status_code == 409, address
        by = house.stage.who(OWNER if browser is owner else ADMINISTRATOR).name
        assert by in alert(page), address
        assert now_said in page, address
        assert str(next(iter(second.values()))) in page or browser is administrator, address


def test_a_mandate_or_an_invitation_is_not_given_on_an_old_page(house: House) -> None:
    stage, legal, president = house.stage, house.of(LEGAL), house.of(PRESIDENT)
    grant, who = "/entreprise/mandats", stage.who(OPERATOR)
    typed = {"person": str(who.person_id), "may_sign": "no", "basis": "Pouvoir du 2 novembre."}
    old = fields(legal.open(grant))
    legal.post(grant, since="03/11/2022", **typed, more=old)
    page = legal.post(grant, since="04/11/2022", **typed, more=old)
    assert legal.page.status_code == 409
    assert f"{stage.who(LEGAL).name}, aujourd’hui, 9 h 4" in alert(page)
    assert f"Donne à {who.name} le mandat" in alert(page)
    assert 'value="04/11/2022"' in page
    with stage.runtime.database.reading() as session:
        mandate_id = session.query(Mandate.id).order_by(Mandate.id.desc()).first()
        sitting = session.query(CollegeSession.id).filter_by(held_at=None).one()[0]
    assert mandate_id is not None
    revoke = f"{grant}/{mandate_id[0]}/revoquer"
    legal.open(revoke)
    legal.post(revoke)
    for again in (legal.open, legal.post):
        page = again(revoke)
        assert legal.page.status_code == 409
        assert f"{stage.who(LEGAL).name}, aujourd’hui, 9 h 4" in page
        assert "Révoque le mandat" in page
    invite, owner = f"/college/seances/{sitting}/partenaires", house.of(OWNER)
    old = fields(owner.open(invite))
    partner = {"person": str(stage.who(PARTNER).person_id), "organisation": "CNDA"}
    president.open(invite)
    president.post(invite, **partner)
    page = owner.post(invite, **partner, more=old)
    assert owner.page.status_code == 409
    assert f"{stage.who(PRESIDENT).name}, aujourd’hui" in alert(page)
    assert '<option value="CNDA" selected>' in page
    for browser, status in ((president, 200), (owner, 409)):
        page = browser.post("/college/invitations/1/retirer")
        assert browser.page.status_code == status
    assert "Retire l’invitation de" in page
    assert f"{stage.who(PRESIDENT).name}, aujourd’hui" in page


def test_an_absence_or_an_account_of_before_is_told_with_who_and_when(house: House) -> None:
    stage, bruno, owner = house.stage, house.of(COLLEAGUE), house.of(OWNER)
    declare = "/absences/nouvelle"
    days = {"first_day": "10/11/2022", "last_day": "11/11/2022", "stand_in": "team"}
    bruno.open(declare)
    bruno.post(declare, **days)
    owner.open(declare)
    page = owner.post(declare, person=str(stage.who(COLLEAGUE).person_id), **days)
    assert owner.page.status_code == 409
    assert "Bruno Keller, aujourd’hui, 9 h 4" in alert(page)
    assert 'value="11/11/2022"' in page
    with stage.runtime.database.reading() as session:
        absence_id = session.query(Absence.id).order_by(Absence.id.desc()).first()
    assert absence_id is not None
    for browser, status in ((bruno, 200), (owner, 409)):
        page = browser.post(f"/absences/{absence_id[0]}/fin")
        assert browser.page.status_code == status
    assert "Bruno Keller, aujourd’hui, 9 h 4" in page
    assert "Met fin à l’absence de Bruno Keller" in page
    said = owner.client.post(
        f"/api/v1/absences/{absence_id[0]}/end", headers={"X-CSRFToken": owner.token}
    )
    assert said.get_json()["last_act"]["who"] == "Bruno Keller"
    legal, invite = house.of(LEGAL), "/compte/inviter"
    with stage.runtime.database.transaction() as session:
        token = account_invitation.invite(
            session,
            email="collegue@alize.example",
            role="operator",
            operator_id=stage.who(LEGAL).operator_id,
            invited_by=None,
            at=house.machine.now(),
        )
    account_door.accept_invitation(
        stage.runtime,
        token,
        name="Nadia Ferrand",
        password=DEMO_PASSWORD,
        at=house.machine.now(),
    )
    legal.open(invite)
    page = legal.post(invite, email="collegue@alize.example", role="operator")
    assert legal.page.status_code == 422
    assert "Nadia Ferrand, aujourd’hui, 9 h 4" in page
    assert 'value="collegue@alize.example"' in page
    house.of(STRANGER).open(invite)
    page = house.of(STRANGER).post(invite, email="collegue@alize.example", role="operator")
    assert "déjà un compte" in page
    assert "Nadia Ferrand" not in page


def test_a_bulk_act_is_not_begun_on_what_its_preview_does_not_show_any_more(house: House) -> None:
    _dossier_id, number = house.queued("Alizé Lot")
    stage, owner, bruno = house.stage, house.of(OWNER), house.of(COLLEAGUE)
    owner.open("/file")
    owner.post("/lots", act="assign", dossier=number)
    address = owner.page.request.path
    to = {"to": str(stage.who(INSTRUCTOR).person_id), "reason": "Congés."}
    old = fields(owner.post(address, **to))
    take = f"/dossiers/{number}/prendre"
    bruno.open(take)
    bruno.post(take, reason="Je le connais.", more=fields(bruno.page.text))
    page = owner.post(f"{address}/lancer", more=old)
    assert owner.page.status_code == 409
    assert f"Dossier {number} : Bruno Keller, aujourd’hui, 9 h 4" in alert(page)
    assert "Congés." in page
    again = fields(page)
    owner.post(f"{address}/lancer", more=again)
    page = owner.post(address, **to)
    assert owner.page.status_code == 409
    assert f"{stage.who(OWNER).name}, aujourd’hui, 9 h 4" in page
    assert "Lance l’acte groupé" in page


def test_a_session_already_convened_is_not_opened_for_another(house: House) -> None:
    president, address = house.of(PRESIDENT), "/college/convoquer"
    carried = fields(president.open(address))
    president.post(address, more=carried)
    assert president.page.status_code == 200
    page = president.post(address, more=carried)
    assert president.page.status_code == 409
    assert "Convoque la séance" in alert(page)
