"""The shell of the pages: accounts, refusals, forms, languages, the public's pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask, render_template
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

import web
from web import words
from web.app import create_app
from web.commands.serve import prepare_demo
from web.demo_accounts import DEMO_PASSWORD, add_demo_accounts
from web.forms_render import is_fragment, posted_form, shown_form, typed_answer
from web.kept import local_path, redisplays
from web.typography import typographic
from workflow.audit_log import AuditEntry
from workflow.clock import VirtualClock
from workflow.domain import listing
from workflow.domain.campaign import parse
from workflow.domain.demo_clock import StoredDemoClock
from workflow.domain.person import find_by_email
from workflow.engine.campaigns import read
from workflow.engine.runtime import Runtime
from workflow.errors import Conflict, InvalidAnswer, InvalidInput
from workflow.outbox import OutboxMessage
from workflow.settings import PROJECT

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

OPERATOR = "operateur@alize.example"
INSTRUCTOR = "instruction@ans.example"
ADMINISTRATOR = "admin@ans.example"
CATALOGUE = Path(web.__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
CAMPAIGN, _ROWS = read(PROJECT / "bpmn" / "campaigns" / "dsr-ope-mss-2022.yaml")
NOW = datetime(2022, 11, 3, 8, 40, tzinfo=UTC)


@pytest.fixture
def shared_app(runtime: Runtime) -> Flask:
    """Not shared here: these tests add pages of their own."""
    return create_app(runtime, demo=False)


@pytest.fixture
def essay(app: Flask, runtime: Runtime) -> Flask:
    """The application with a page that shows any form, as the pages of the procedure do."""

    @app.route("/essai/<key>", methods=["GET", "POST"])
    @login_required
    @redisplays
    def essay_page(key: str) -> Any:
        form = runtime.forms.get(key).offered(parse(CAMPAIGN).feel_constants())
        shown, status = shown_form(form), 200
        if posted := (posted_form(form) if _is_post() else None):
            shown = shown_form(form, posted.answer)
            if posted.is_submitted:
                try:
                    form.validate(posted.answer)
                    return "accepted"
                except InvalidAnswer as refusal:
                    shown, status = shown_form(form, posted.answer, refusal.faults), 422
        template = "form_fragment.html" if is_fragment() else "essay.html"
        return render_template(template, shown=shown), status

    @app.post("/acte")
    @login_required
    def act() -> str:
        raise Conflict("Expected an open task but it is done. Read the dossier again.")

    @app.get("/panne")
    def breakdown() -> str:
        raise RuntimeError("broken")

    essay_page_source = (
        '{% extends "base.html" %}{% import "form.html" as forms with context %}'
        '{% block main %}<h1>Essai</h1>{{ forms.summary(shown, "Le dépôt n\'est pas fait") }}'
        '{{ forms.form(shown, "Déposer") }}{% endblock %}'
    )
    loader: Any = app.jinja_loader
    original = loader.get_source
    app.jinja_env.loader = _WithEssay(original, essay_page_source)
    return app


def _is_post() -> bool:
    from flask import request

    return request.method == "POST"


class _WithEssay:
    """The templates of the product and one more."""

    has_source_access = True

    def __init__(self, original: Any, essay_source: str) -> None:
        from jinja2 import ChoiceLoader, DictLoader, FunctionLoader

        self._loader = ChoiceLoader(
            [
                DictLoader({"essay.html": essay_source}),
                FunctionLoader(lambda name: original(None, name)),
            ]
        )

    def load(self, *arguments: Any, **named: Any) -> Any:
        return self._loader.load(*arguments, **named)


# Signing in and out


def test_someone_signs_in_and_sees_their_name_and_company(browser: Browser) -> None:
    page = browser.sign_in(OPERATOR)
    assert browser.page.status_code == 200
    assert "Nadia Ferrand" in page
    assert "Messageries Alizé SAS, opérateur" in page


def test_a_wrong_password_is_refused_without_saying_which_of_the_two_is_wrong(
    browser: Browser, runtime: Runtime
) -> None:
    wrong = browser.sign_in(OPERATOR, "not the password")
    assert browser.page.status_code == 401
    unknown = browser.sign_in("nobody@alize.example", "not the password")
    sentence = "L’adresse ou le mot de passe ne correspond à aucun compte"
    assert sentence in wrong
    assert sentence in unknown
    assert f'value="{OPERATOR}"' in wrong
    with runtime.database.reading() as session:
        kinds = session.scalars(select(AuditEntry.kind)).all()
    assert list(kinds) == ["account:sign_in_refused"] * 2


def test_too_many_wrong_passwords_have_to_wait(browser: Browser) -> None:
    statuses = []
    for _try in range(8):
        page = browser.sign_in(OPERATOR, "not the password")
        statuses.append(browser.page.status_code)
    assert statuses[:6] == [401] * 6
    assert statuses[-1] == 429
    assert "Trop de tentatives" in page
    browser.sign_in(INSTRUCTOR)
    assert browser.page.status_code == 200, "someone else may still sign in"


def test_someone_signs_out_and_is_asked_to_sign_in_again(signed_in: SignedIn) -> None:
    browser = signed_in(OPERATOR)
    assert "Vous êtes déconnecté" in browser.post("/deconnexion")
    assert "Se connecter" in browser.open("/compte")


def test_after_signing_in_one_lands_on_the_page_that_was_asked_for(browser: Browser) -> None:
    browser.open("/compte/mot-de-passe")
    page = browser.post("/connexion", email=OPERATOR, password=DEMO_PASSWORD, to="/compte")
    assert "<h1>Mon compte</h1>" in page


@pytest.mark.parametrize(
    "address", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", ""]
)
def test_a_forged_address_leads_to_the_front_page(app: Flask, address: str) -> None:
    with app.test_request_context():
        assert local_path(address) == "/"


# Passwords and invitations


def test_a_changed_password_closes_the_other_sessions(signed_in: SignedIn) -> None:
    here, elsewhere = signed_in(OPERATOR), signed_in(OPERATOR)
    here.open("/compte/mot-de-passe")
    page = here.post(
        "/compte/mot-de-passe",
        current_password=DEMO_PASSWORD,
        password="a longer sentence",
        password_again="a longer sentence",
    )
    assert "Vos autres sessions sont fermées" in page
    assert "<h1>Mon compte</h1>" in here.open("/compte")
    assert "<h1>Se connecter</h1>" in elsewhere.open("/compte")


def test_a_short_password_and_a_wrong_current_one_are_refused(signed_in: SignedIn) -> None:
    browser = signed_in(OPERATOR)
    address = "/compte/mot-de-passe"
    browser.open(address)
    known = {"current_password": DEMO_PASSWORD}
    short = browser.post(address, password="short", password_again="short", **known)
    assert "au moins 12 caractères" in short
    assert browser.page.status_code == 422
    again = {"password": "a longer sentence", "password_again": "another sentence"}
    assert "Les deux mots de passe diffèrent" in browser.post(address, **again, **known)
    twice = {"password": "a longer sentence", "password_again": "a longer sentence"}
    assert "pas votre mot de passe actuel" in browser.post(address, current_password="x", **twice)


def test_a_forgotten_password_is_chosen_anew_by_the_mail_s_link_once(
    browser: Browser, runtime: Runtime
) -> None:
    browser.open("/mot-de-passe-oublie")
    asked = browser.post("/mot-de-passe-oublie", email=OPERATOR)
    assert "/mot-de-passe/" not in asked
    link = _link_in_the_last_mail(runtime)
    browser.open(link)
    twice = {"password": "a longer sentence", "password_again": "a longer sentence"}
    assert "Mot de passe changé" in browser.post(link, **twice)
    assert "Nadia Ferrand" in browser.sign_in(OPERATOR, "a longer sentence")
    assert "n’est plus valable" in browser.post(link, **twice)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    browser: Browser, runtime: Runtime
) -> None:
    browser.open("/mot-de-passe-oublie")
    page = browser.post("/mot-de-passe-oublie", email="nobody@alize.example")
    assert "Lien demandé" in page
    with runtime.database.reading() as session:
        assert session.scalars(select(OutboxMessage)).all() == []


def test_a_link_that_is_too_old_says_so(
    browser: Browser, runtime: Runtime, system_clock: VirtualClock
) -> None:
    browser.open("/mot-de-passe-oublie")
    browser.post("/mot-de-passe-oublie", email=OPERATOR)
    link = _link_in_the_last_mail(runtime)
    system_clock.move_to(system_clock.now() + timedelta(hours=2))
    browser.open(link)
    twice = {"password": "a longer sentence", "password_again": "a longer sentence"}
    assert "Ce lien n’est plus valable" in browser.post(link, **twice)
    assert browser.page.status_code == 404


def test_an_operator_invites_a_colleague_who_opens_an_account(
    signed_in: SignedIn, browser: Browser, runtime: Runtime
) -> None:
    inviting = signed_in(OPERATOR)
    inviting.open("/compte/inviter")
    inviting.post("/compte/inviter", email="New@Alize.example", role="operator")
    link = _link_in_the_last_mail(runtime)
    kept = browser.open(link)
    assert "new@alize.example" in kept
    assert "Messageries Alizé SAS" in kept
    twice = {"password": "a longer sentence", "password_again": "a longer sentence"}
    page = browser.post(link, name="Ana Lopez", **twice)
    assert "Bienvenue, Ana Lopez" in page
    assert "Ce lien n’est plus valable" in browser.open(link)
    with runtime.database.reading() as session:
        invited = find_by_email(session, "new@alize.example")
        inviter = find_by_email(session, OPERATOR)
        assert invited is not None
        assert inviter is not None
        assert invited.operator_id == inviter.operator_id
        assert invited.roles == {"operator"}


def test_an_operator_cannot_invite_into_the_agency(signed_in: SignedIn) -> None:
    browser = signed_in(OPERATOR)
    browser.open("/compte/inviter")
    page = browser.post("/compte/inviter", email="new@alize.example", role="administrator")
    assert browser.page.status_code == 422
    assert "Le rôle manque" in page
    assert 'value="new@alize.example"' in page


def test_an_administrator_invites_a_person_of_the_agency(
    signed_in: SignedIn, runtime: Runtime
) -> None:
    browser = signed_in(ADMINISTRATOR)
    browser.open("/compte/inviter")
    browser.post("/compte/inviter", email="new@ans.example", role="instructor")
    assert browser.page.status_code == 200
    assert "/invitation/" in _link_in_the_last_mail(runtime)


def test_an_instructor_is_told_that_inviting_is_not_theirs(signed_in: SignedIn) -> None:
    browser = signed_in(INSTRUCTOR)
    assert "Votre rôle ne permet pas cet acte" in browser.open("/compte/inviter")
    assert browser.page.status_code == 403


def _link_in_the_last_mail(runtime: Runtime) -> str:
    with runtime.database.reading() as session:
        mail = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert mail is not None
        found = re.search(r"https?://[^/]+(/\S+)", mail.payload["body"])
    assert found is not None
    return found[1]


# What was typed is kept


def test_an_ended_session_keeps_what_was_typed_and_sends_nothing(
    essay: Flask, signed_in: SignedIn
) -> None:
    browser = signed_in(OPERATOR)
    browser.open("/essai/answer_solicitation")
    browser.client.delete_cookie("jalon")
    page = browser.post("/essai/answer_solicitation", answer='Voici "la" ligne <b>')
    assert browser.page.status_code == 401
    assert "Votre session a expiré" in page
    assert "accepted" not in page
    carried = {"kept:answer": 'Voici "la" ligne <b>'}
    signed = browser.post(
        "/connexion",
        email=OPERATOR,
        password=DEMO_PASSWORD,
        to="/essai/answer_solicitation",
        more=carried,
    )
    assert "Retrouver ma saisie" in signed
    shown = browser.post(
        "/essai/answer_solicitation",
        more={"~refresh": "yes", "answer": 'Voici "la" ligne <b>'},
    )
    assert "accepted" not in shown
    assert "Voici &#34;la&#34; ligne &lt;b&gt;</textarea>" in browser.page.text


def test_a_refused_sign_in_still_carries_what_was_typed(browser: Browser) -> None:
    browser.open("/connexion")
    page = browser.post(
        "/connexion", email=OPERATOR, password="wrong", more={"kept:answer": "Ma réponse"}
    )
    assert 'name="kept:answer" value="Ma réponse"' in page


def test_a_page_left_open_too_long_says_so_in_french_and_keeps_what_was_typed(
    essay: Flask, signed_in: SignedIn
) -> None:
    browser = signed_in(OPERATOR)
    page = browser.post("/essai/answer_solicitation", answer="Ma réponse", token="stale")
    assert browser.page.status_code == 400
    assert "La page était restée ouverte trop longtemps" in page
    assert 'name="answer" value="Ma réponse"' in page
    assert "accepted" not in page


def test_passwords_are_never_carried_along(browser: Browser) -> None:
    page = browser.post("/connexion", email=OPERATOR, password=DEMO_PASSWORD, token="stale")
    assert "La page était restée ouverte trop longtemps" in page
    assert f'value="{OPERATOR}"' in page
    assert DEMO_PASSWORD not in page


def test_showing_a_form_again_never_acts(essay: Flask, signed_in: SignedIn) -> None:
    browser = signed_in(OPERATOR)
    browser.open("/compte")
    address, token = "/acte", browser.token
    answer = browser.client.post(address, data={"csrf_token": token, "~refresh": "yes"})
    assert answer.status_code == 303


# Refusals


def test_an_unknown_address_gets_a_french_page_that_says_what_to_do(browser: Browser) -> None:
    page = browser.open("/nothing/here")
    assert browser.page.status_code == 404
    assert "Cette page n’existe pas" in page
    assert "Repartir de l’accueil" in page


def test_a_stale_act_says_so_and_shows_the_typed_text(essay: Flask, signed_in: SignedIn) -> None:
    browser = signed_in(OPERATOR)
    browser.open("/compte")
    page = browser.post("/acte", answer="Une longue réponse que personne ne veut retaper.")
    assert browser.page.status_code == 409
    assert "La situation a changé entre-temps" in page
    assert "Une longue réponse que personne ne veut retaper.</textarea>" in page
    assert "Expected" not in page


def test_a_breakdown_gives_a_reference_and_no_detail(essay: Flask, browser: Browser) -> None:
    page = browser.open("/panne")
    assert browser.page.status_code == 500
    assert re.search(r"référence <span class=\"mono\">[0-9a-f]{8}</span>", page)
    assert "RuntimeError" not in page
    assert "broken" not in page


def test_too_large_a_request_is_refused_with_a_page(app: Flask, browser: Browser) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    browser.open("/connexion")
    page = browser.post("/connexion", email="x" * 2000, password="y")
    assert browser.page.status_code == 413
    assert "C’est trop volumineux" in page


def test_a_method_that_is_not_allowed_names_those_that_are(browser: Browser) -> None:
    answer = browser.client.post("/registre", data={"csrf_token": _fresh_token(browser)})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def _fresh_token(browser: Browser) -> str:
    browser.open("/connexion")
    return browser.token


@pytest.mark.parametrize("address", ["/connexion", "/registre", "/verifier", "/nothing"])
def test_every_page_forbids_what_is_not_ours(browser: Browser, address: str) -> None:
    browser.open(address)
    policy = browser.page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert browser.page.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.page.headers["Referrer-Policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", browser.page.text)


def test_no_secret_key_outside_the_demo_is_refused(runtime: Runtime) -> None:
    object.__setattr__(runtime.settings, "secret_key", "")
    with pytest.raises(InvalidInput, match="JALON_SECRET_KEY"):
        create_app(runtime, demo=False)


# The demo


def test_the_demo_shows_its_accounts_and_its_clock(
    runtime: Runtime, browser_of: Callable[[Flask], Browser]
) -> None:
    browser = browser_of(create_app(runtime, demo=True))
    page = browser.open("/connexion")
    assert DEMO_PASSWORD in page
    assert "Claire Danjou" in page
    assert "Nous sommes le jeudi 3 novembre 2022, 9 h 40" in page


def test_outside_the_demo_there_is_neither_an_account_shown_nor_a_clock_to_advance(
    browser: Browser, signed_in: SignedIn
) -> None:
    assert DEMO_PASSWORD not in browser.open("/connexion")
    signed_in(ADMINISTRATOR).open("/demonstration/horloge")
    administrator = signed_in(ADMINISTRATOR)
    administrator.open("/demonstration/horloge")
    assert administrator.page.status_code == 404


@pytest.fixture
def demo_administrator(
    runtime: Runtime, system_clock: VirtualClock, browser_of: Callable[[Flask], Browser]
) -> Browser:
    """The administrator of a demo whose clock has just started, signed in."""
    runtime.clock = StoredDemoClock.started(runtime.database, system_clock)
    with runtime.database.transaction() as session:
        add_demo_accounts(session, system_clock.now())
    browser = browser_of(create_app(runtime, demo=True, system_clock=system_clock))
    browser.sign_in(ADMINISTRATOR)
    return browser


def test_the_demo_s_administrator_moves_its_clock_forward(demo_administrator: Browser) -> None:
    demo_administrator.open("/demonstration/horloge")
    page = demo_administrator.post("/demonstration/horloge", by="1d")
    assert "Nous sommes le mardi 4 octobre 2022, 9 h 00" in page
    page = demo_administrator.post("/demonstration/horloge", day="07/11/2022", time="16:20")
    assert "Nous sommes le lundi 7 novembre 2022, 16 h 20" in page
    assert "Horloge avancée. 0 échéance s’est déclenchée." in page


def test_the_demo_s_administrator_fills_an_empty_demo_once(
    runtime: Runtime, demo_administrator: Browser
) -> None:
    prepare_demo(runtime)
    demo_administrator.open("/demonstration/horloge")
    page = demo_administrator.post("/demonstration/histoire")
    assert "Nous sommes le mardi 8 novembre 2022, 9 h 00" in page
    clock = demo_administrator.open("/demonstration/horloge").split('id="next"')[1]
    assert 'href="/dossiers/2022-' in clock.split("Avancer jusque-là")[0]
    assert "Alizé Santé Pro" in demo_administrator.open("/registre")
    assert "Remplir la démonstration" not in demo_administrator.open("/demonstration/horloge")
    demo_administrator.post("/demonstration/histoire")
    assert demo_administrator.page.status_code == 409


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("02/10/2022", "Cette heure est passée"),
        ("31/02/2023", "Cette date est mal écrite"),
        ("01/01/2099", "C’est trop loin"),
    ],
)
def test_the_demo_s_clock_refuses_what_it_cannot_show_and_keeps_what_was_typed(
    demo_administrator: Browser, day: str, sentence: str
) -> None:
    demo_administrator.open("/demonstration/horloge")
    page = demo_administrator.post("/demonstration/horloge", day=day, time="10:00")
    assert demo_administrator.page.status_code == 422
    assert sentence in page
    assert f'value="{day}"' in page
    assert "Nous sommes le lundi 3 octobre 2022, 9 h 00" in page


# Forms


def test_a_refused_form_lists_its_faults_first_and_keeps_every_answer(
    essay: Flask, signed_in: SignedIn
) -> None:
    browser = signed_in(OPERATOR)
    browser.open("/essai/deposit_dossier")
    page = browser.post(
        "/essai/deposit_dossier", siret="123", planned_proof_on="31/02/2022", profiles="bal_app"
    )
    assert browser.page.status_code == 422
    assert "Le dépôt n'est pas fait" in page
    assert '<a href="#f-siret">' in page
    assert 'value="123"' in page
    assert 'value="31/02/2022"' in page
    assert "par exemple 01/12/2022" in page
    assert re.search(r'value="bal_app" checked', page)
    assert re.search(r'id="f-siret"[^>]*aria-describedby="f-siret-hint f-siret-error"', page)


def test_a_date_typed_the_french_way_is_understood(runtime: Runtime) -> None:
    form = runtime.forms.get("deposit_dossier")
    typed = typed_answer(form, MultiDict({"planned_proof_on": "05/12/2022"}))
    assert typed["planned_proof_on"] == "2022-12-05"


def test_a_conditional_question_appears_without_javascript(
    essay: Flask, signed_in: SignedIn
) -> None:
    browser = signed_in(INSTRUCTOR)
    page = browser.open("/essai/check_admissibility")
    assert 'id="f-questions"' not in page
    again = {"~refresh": "yes", "outcome": "solicit"}
    assert 'id="f-questions"' in browser.post("/essai/check_admissibility", more=again)


def test_what_is_hidden_by_another_choice_is_found_again(essay: Flask, signed_in: SignedIn) -> None:
    browser = signed_in(INSTRUCTOR)
    browser.open("/essai/check_admissibility")
    hidden = {"~refresh": "yes", "outcome": "admissible", "questions": "Le SIRET ?"}
    page = browser.post("/essai/check_admissibility", more=hidden)
    assert 'id="f-questions"' not in page
    assert '<input type="hidden" name="questions" value="Le SIRET ?">' in page


def test_the_browser_may_ask_for_the_form_only(essay: Flask, signed_in: SignedIn) -> None:
    browser = signed_in(INSTRUCTOR)
    browser.open("/essai/check_admissibility")
    answer = browser.client.post(
        "/essai/check_admissibility",
        data={"csrf_token": browser.token, "~refresh": "yes", "outcome": "solicit"},
        headers={"HX-Request": "true"},
    )
    assert answer.text.lstrip().startswith('<div id="form-fields">')
    assert "<html" not in answer.text


def test_rows_are_added_and_removed_by_plain_buttons(essay: Flask, signed_in: SignedIn) -> None:
    browser = signed_in(INSTRUCTOR)
    assert 'name="verdicts.0.requirement"' in browser.open("/essai/instruct_dossier")
    first = {"~rows": "verdicts", "verdicts.0.requirement": "DER-TLS-01"}
    added = browser.post("/essai/instruct_dossier", more={**first, "~add": "verdicts"})
    assert 'name="verdicts.1.requirement"' in added
    assert 'value="DER-TLS-01"' in added
    two = {**first, "verdicts.1.requirement": "DER-TLS-02", "~remove": "verdicts.0"}
    removed = browser.post("/essai/instruct_dossier", more=two)
    assert 'name="verdicts.1.requirement"' not in removed
    assert 'value="DER-TLS-02"' in removed


def test_a_fault_in_a_row_is_told_at_its_field(runtime: Runtime, app: Flask) -> None:
    form = runtime.forms.get("instruct_dossier")
    faults = {"verdicts.1.verdict": ["Le verdict manque."]}
    with app.test_request_context():
        shown = shown_form(form, {"verdicts": [{}, {}]}, faults)
    assert shown.faults == [("f-verdicts-1-verdict", "Le verdict manque.")]


def test_a_fault_that_no_field_carries_is_told_all_the_same(runtime: Runtime, app: Flask) -> None:
    with app.test_request_context():
        shown = shown_form(runtime.forms.get("exclude"), {}, {"dossier": ["Ce dossier est clos."]})
    assert ("", "Ce dossier est clos.") in shown.faults


# The public's pages


def test_an_empty_register_says_that_it_is_normal(browser: Browser) -> None:
    page = browser.open("/registre")
    assert "Au jeudi 3 novembre 2022 : 0 service." in page
    assert "Aucun service n’est encore référencé" in page


def test_the_register_can_be_downloaded_even_empty(browser: Browser) -> None:
    browser.open("/registre.csv")
    assert browser.page.mimetype == "text/csv"
    assert browser.page.text.lstrip("\ufeff").startswith("number;dsr;service_name")
    browser.open("/registre.json")
    document = json.loads(browser.page.text)
    assert document == {"as_of": "2022-11-03T09:40:00+01:00", "services": []}


@pytest.fixture
def two_listings(runtime: Runtime) -> list[str]:
    """Two services in the register, the second suspended; their dossiers do not matter here."""
    numbers = []
    with runtime.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        with Session(connection) as session:
            for rank, (service, status) in enumerate(
                [("Roseau Mail", "active"), ("=Alizé", "suspended")], start=1
            ):
                stem = f"OPE-MSS-2022-{rank:04d}"
                numbers.append(f"{stem}-{listing.check_digits(stem)}")
                session.add(_listed(numbers[-1], rank, service, status))
            session.commit()
    return numbers


def _listed(number: str, rank: int, service: str, status: str) -> listing.Listing:
    return listing.Listing(
        number=number,
        dossier_id=rank,
        dsr="DSR-OPE-MSS",
        service_name=service,
        service_version="5.3",
        company_name="Coopérative Roseau",
        profiles=["general", "bal_app"],
        listed_on=date(2022, 11, 2),
        listed_at=NOW,
        published_at=NOW,
        status=status,
    )


def test_the_register_lists_services_by_name_and_finds_them_by_words(
    browser: Browser, two_listings: list[str]
) -> None:
    page = browser.open("/registre")
    assert "2 services, dont 1 suspendu." in page
    assert page.index("=Alizé") < page.index("Roseau Mail")
    found = browser.open("/registre?q=roseau mail")
    assert two_listings[0] in found
    assert two_listings[1] not in found
    assert "Effacer la recherche" in browser.open("/registre?q=nothing")


def test_a_spreadsheet_takes_no_service_name_for_a_formula(
    browser: Browser, two_listings: list[str]
) -> None:
    browser.open("/registre.csv")
    lines = browser.page.text.lstrip("\ufeff").splitlines()
    assert lines[1].split(";")[2] == "'=Alizé"
    assert lines[2].split(";")[5] == "general bal_app"
    browser.open("/registre.json")
    assert [row["service_name"] for row in browser.page.json["services"]] == [
        "=Alizé",
        "Roseau Mail",
    ]


@pytest.mark.rule(25, 73)
def test_a_listed_number_tells_its_service_and_whether_it_is_in_force(
    browser: Browser, two_listings: list[str]
) -> None:
    page = browser.open(f"/verifier/{two_listings[0]}")
    assert browser.page.status_code == 200
    assert "Référencement en vigueur" in page
    assert "Roseau Mail, version 5.3" in page
    assert "le mercredi 2 novembre 2022" in page
    assert "Référencement suspendu" in browser.open(f"/verifier/{two_listings[1]}")


def test_an_unknown_number_and_a_mistyped_one_get_different_answers(browser: Browser) -> None:
    stem = "OPE-MSS-2022-0001"
    good = f"{stem}-{listing.check_digits(stem)}"
    wrong = f"{stem}-{(int(good[-2:]) + 1) % 100:02d}"
    assert "Numéro inconnu du registre" in browser.open(f"/verifier/{good}")
    assert browser.page.status_code == 404
    assert "Les deux derniers chiffres contrôlent" in browser.open(f"/verifier/{wrong}")
    assert "Numéro mal recopié" in browser.open("/verifier/%F0%9F%92%A5")


def test_a_number_typed_in_small_letters_with_spaces_is_understood(browser: Browser) -> None:
    browser.open("/verifier?numero= ope-mss-2022-0001-59 ")
    assert browser.page.request.path == "/verifier/OPE-MSS-2022-0001-59"


# Words


def test_the_pages_speak_english_to_whoever_asks(browser: Browser) -> None:
    page = browser.open("/registre", headers={"Accept-Language": "en"})
    assert '<html lang="en"' in page
    assert "No service is listed yet" in page
    assert "On Thursday 3 November 2022: 0 services." in page


def test_a_chosen_language_is_remembered_with_the_account(
    signed_in: SignedIn, runtime: Runtime
) -> None:
    browser = signed_in(OPERATOR)
    page = browser.post("/langue", language="en", to="/compte")
    assert "<h1>My account</h1>" in page
    with runtime.database.reading() as session:
        person = find_by_email(session, OPERATOR)
        assert person is not None
        assert person.locale == "en"


def test_a_chosen_theme_is_remembered(browser: Browser) -> None:
    page = browser.post("/theme", theme="dark", to="/registre")
    assert 'data-bs-theme="dark" data-chosen="yes"' in page


def test_every_sentence_has_its_english() -> None:
    folder = Path(web.__file__).parent
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {"_": None, "_l": None, "ngettext": (1, 2), "_n": (1, 2), "gettext": None}
    found = extract_from_dir(folder, methods, {"**.html": {"trimmed": "true"}}, keywords)
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    sentences = {
        message if isinstance(message, str) else message[0] for _f, _l, message, *_ in found
    }
    missing = [text for text in sentences if text not in catalogue or not catalogue[text].string]
    assert len(sentences) > 200
    assert missing == []


@pytest.mark.parametrize(
    ("plain", "set_text"),
    [
        ("Pourquoi cette date ?", "Pourquoi cette date\u202f?"),
        ("le 7 novembre à 16 h 20", "le 7\u00a0novembre à 16\u00a0h\u00a020"),
        ("n° 3 : « l'essai »", "n°\u00a03\u00a0: «\u00a0l’essai\u00a0»"),
        ("%(num)s jours, 40 %", "%(num)s\u00a0jours, 40\u202f%"),
        ("la règle (DSR 4.2)", "la règle (DSR\u00a04.2)"),
        ('<a href="x?a=1 ;b">d\'ici</a>', '<a href="x?a=1 ;b">d’ici</a>'),
    ],
)
def test_french_is_set_as_a_typesetter_would(plain: str, set_text: str) -> None:
    assert typographic(plain) == set_text
    assert typographic(set_text) == set_text  # Set once more, nothing moves.


@pytest.mark.parametrize(
    ("day", "language", "expected"),
    [
        (date(2022, 11, 7), "fr", "lundi 7 novembre"),
        (date(2022, 12, 1), "fr", "jeudi 1er décembre"),
        (date(2023, 1, 16), "fr", "lundi 16 janvier 2023"),
        (date(2022, 11, 7), "en", "Monday 7 November"),
        # 23:30 UTC is already the next day in Paris.
        (datetime(2022, 11, 6, 23, 30, tzinfo=UTC), "fr", "lundi 7 novembre"),
    ],
)
def test_a_day_is_said_in_words(day: date, language: str, expected: str) -> None:
    assert words.date_words(day, NOW, language).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (NOW + timedelta(hours=6, minutes=40), "dans 6 h 40"),
        (NOW + timedelta(minutes=25), "dans 25 min"),
        (NOW - timedelta(hours=3), "il y a 3 h"),
        (NOW + timedelta(days=1), "dans 24 h"),
        (NOW + timedelta(days=4, hours=2), "dans 4 jours"),
        (date(2022, 11, 7), "dans 4 jours"),
        (date(2022, 11, 4), "demain"),
        (date(2022, 11, 3), "aujourd’hui"),
    ],
)
def test_what_remains_is_said_in_words(until: date, expected: str) -> None:
    assert words.remaining_words(until, NOW).replace("\u00a0", " ") == expected


def test_an_instant_of_today_is_said_so() -> None:
    today = words.instant_words(datetime(2022, 11, 3, 15, 20, tzinfo=UTC), NOW)
    assert today.replace("\u00a0", " ") == "aujourd’hui, 16 h 20"
    english = words.instant_words(datetime(2022, 11, 8, 15, 20, tzinfo=UTC), NOW, "en")
    assert english.replace("\u00a0", " ") == "Tuesday 8 November, 16:20"


def test_no_late_answer_to_a_picture_or_an_autosave_undoes_the_session(
    signed_in: SignedIn,
) -> None:
    client = signed_in(OPERATOR).client
    for address, asked_for in (
        ("/static/jalon.svg", "image"),
        ("/static/jalon.svg", "document"),
        ("/accueil", "empty"),
    ):
        answer = client.get(address, headers={"Sec-Fetch-Dest": asked_for})
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False), asked_for
    for headers in ({"Sec-Fetch-Dest": "document"}, {}):
        assert "jalon=" in client.get("/accueil", headers=headers).headers["Set-Cookie"]
