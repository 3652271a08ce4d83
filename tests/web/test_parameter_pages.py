"""The process owner reads the parameters, previews a change, and puts it in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from stage import AUDITOR, CAMPAIGN, INSTRUCTOR, OFFICER, OPERATOR, OWNER, Stage

from workflow.engine import holds, parameters
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

PAGE = f"/campagnes/{CAMPAIGN}/parametres"
ABANDON = "delays.solicitation_abandon.amount"
SOLICITED_ON = "10 novembre"
SignIn = Callable[[str], "Browser"]


@pytest.fixture
def stage(runtime: Runtime, app: object) -> Stage:
    return Stage.set_up(runtime)


def previewed(browser: Browser, **typed: str) -> str:
    browser.open(f"{PAGE}/modifier")
    return browser.post(f"{PAGE}/modifier", more=typed)


def changes_in(browser: Browser) -> str:
    return parse_qs(urlsplit(browser.page.request.url).query)["changes"][0]


def confirmed(browser: Browser, **fields: str) -> str:
    version = fields.pop("version", "1")
    changes = fields.pop("changes", None) or changes_in(browser)
    return browser.post(f"{PAGE}/confirmer", changes=changes, version=version, **fields)


def test_an_auditor_reads_the_parameters_in_words_and_changes_none(
    stage: Stage, signed_in: SignIn
) -> None:
    page = signed_in(AUDITOR).open("/parametres")
    for words in ("5 jours ouvrés", "30 jours du calendrier", "42 jours, hors suspensions"):
        assert words in page
    for words in ("24 heures", "DSR 4.4", "chaque jeudi à 10 h 00", "23 novembre 2022", "exclue"):
        assert words in page
    assert "Modifier un paramètre" not in page


def test_an_operator_does_not_see_the_parameters(stage: Stage, signed_in: SignIn) -> None:
    browser = signed_in(OPERATOR)
    browser.open(PAGE)
    assert browser.page.status_code == 403
    browser.open(f"{PAGE}/modifier")
    assert browser.page.status_code == 403


def test_an_instructor_reads_but_does_not_change(stage: Stage, signed_in: SignIn) -> None:
    browser = signed_in(INSTRUCTOR)
    browser.open(f"{PAGE}/modifier")
    assert browser.page.status_code == 403


def test_a_preview_names_each_date_before_and_after(stage: Stage, signed_in: SignIn) -> None:
    number = stage.number(stage.solicited())
    page = previewed(signed_in(OWNER), **{ABANDON: "45"})
    assert "30" in page
    assert "45" in page
    assert number in page
    assert "3 décembre 2022" in page
    assert "18 décembre 2022" in page
    assert "plus tard" in page


def test_a_preview_marks_what_is_shortened_and_what_is_over(
    stage: Stage, signed_in: SignIn
) -> None:
    stage.solicited()
    stage.move_to("2022-11-06T09:00")
    browser = signed_in(OWNER)
    assert "1 date viendrait plus tôt" in previewed(browser, **{ABANDON: "20"})
    assert "date serait déjà passée" in previewed(browser, **{ABANDON: "2"})
    assert "dates déjà passées" not in browser.text
    assert "déjà passée" in browser.open(f"{PAGE}/apercu?changes={changes_in(browser)}&vue=past")


def test_the_list_is_downloaded_whole(stage: Stage, signed_in: SignIn) -> None:
    number = stage.number(stage.solicited())
    browser = signed_in(OWNER)
    previewed(browser, **{ABANDON: "45"})
    csv = browser.open(f"{PAGE}/apercu.csv?changes={changes_in(browser)}")
    assert csv.splitlines()[0].lstrip("\ufeff") == "Dossier;Délai;Avant;Après;Ce qui change"
    assert any(line.startswith(number) and "18 décembre" in line for line in csv.splitlines())


def test_a_confirmed_change_moves_the_dates_tells_the_operator_and_stands_in_the_register(
    stage: Stage, signed_in: SignIn
) -> None:
    number = stage.number(stage.solicited())
    browser = signed_in(OWNER)
    previewed(browser, **{ABANDON: "45"})
    page = confirmed(browser, basis="Arrêté fictif du 2 novembre.", moves_running="1")
    assert "Modification nº 1 en vigueur" in page
    assert "18 décembre 2022" in page
    assert "Arrêté fictif du 2 novembre." in browser.open(f"/campagnes/{CAMPAIGN}/modifications")
    dates = signed_in(OPERATOR).open(f"/dossiers/{number}/dates")
    for words in (
        "Avant : 30 jours du calendrier, dernier jour 3 décembre 2022",
        "Maintenant : 45 jours du calendrier, dernier jour 18 décembre 2022",
        "Départ : 3 novembre 2022, 9 h 40",
        "Effet : 19 décembre 2022, 0 h 00, heure de Paris",
        "3 décembre 2022",
        "18 décembre 2022",
        "modification nº 1 des paramètres",
        "Arrêté fictif du 2 novembre.",
        "version 2 des paramètres",
    ):
        assert words in dates
    told = signed_in(OPERATOR).open("/notifications")
    assert "03/12/2022 devient 18/12/2022" in told


def test_without_the_box_running_dates_stay(stage: Stage, signed_in: SignIn) -> None:
    number = stage.number(stage.solicited())
    browser = signed_in(OWNER)
    previewed(browser, **{ABANDON: "45"})
    assert "elles restent telles" in confirmed(browser, basis="Arrêté fictif.")
    assert "18 décembre" not in signed_in(OPERATOR).open(f"/dossiers/{number}/dates")


def test_a_change_without_its_basis_is_not_made(stage: Stage, signed_in: SignIn) -> None:
    browser = signed_in(OWNER)
    previewed(browser, **{ABANDON: "45"})
    page = confirmed(browser, basis=" ")
    assert browser.page.status_code == 422
    assert "La modification n’est pas faite" in page
    assert "Indiquez le motif" in page


def test_dates_already_over_need_their_own_box(stage: Stage, signed_in: SignIn) -> None:
    stage.solicited()
    stage.move_to("2022-11-06T09:00")
    browser = signed_in(OWNER)
    previewed(browser, **{ABANDON: "2"})
    changes = changes_in(browser)
    page = confirmed(browser, basis="Arrêté fictif.", moves_running="1", changes=changes)
    assert browser.page.status_code == 409
    assert "Dites qu’elles prennent effet maintenant" in page
    page = confirmed(
        browser, basis="Arrêté fictif.", moves_running="1", past="now", changes=changes
    )
    assert "dont déjà passées" in page


def test_a_preview_that_is_no_longer_true_is_refused(stage: Stage, signed_in: SignIn) -> None:
    browser = signed_in(OWNER)
    previewed(browser, **{ABANDON: "45"})
    changes = changes_in(browser)
    parameters.change(
        stage.runtime, CAMPAIGN, {"college": {"quorum": 4}}, "Décision.", stage.who(OWNER)
    )
    page = confirmed(browser, basis="Arrêté fictif.", changes=changes)
    assert browser.page.status_code == 409
    assert "Les paramètres ont changé depuis cet aperçu" in page
    page = confirmed(browser, basis="Arrêté fictif.", changes=changes, version="2")
    assert "Modification nº 2 en vigueur" in page


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (ABANDON, "trente", "avant l'abandon, durée : Indiquez un nombre entier de 1 à 3660."),
        (ABANDON, "0", "Indiquez un nombre entier de 1 à 3660."),
        ("delays.solicitation_abandon.unit", "hour", "ne se compte pas en heures"),
        ("closes_at.instant", "31/02/2022", "Indiquez une date et une heure."),
        ("closes_at.instant", "01/01/2022", "Choisissez une date après l'ouverture."),
        ("closed_days", "demain", "Indiquez des jours, tels que 26/12/2022"),
        ("college.time", "25:00", "Indiquez une heure, telle que 10:00."),
        ("college.quorum", "", "Indiquez un nombre entier de 1 à 100."),
    ],
)
def test_each_field_says_what_is_wrong_with_it(
    stage: Stage, signed_in: SignIn, field: str, typed: str, said: str
) -> None:
    browser = signed_in(OWNER)
    page = previewed(browser, **{field: typed}).replace("’", "'")
    assert browser.page.status_code == 422
    assert said in page
    assert f'href="#{field}"' in browser.page.text


def test_days_and_hours_are_typed_as_french_people_do(stage: Stage, signed_in: SignIn) -> None:
    typed = {
        "closes_at.instant": "01/12/2022",
        "closes_at.time": "14 h 00",
        "closed_days": "26/12/2022\n02/01/2023",
        "college.time": "9 h 30",
    }
    page = previewed(signed_in(OWNER), **typed)
    for words in ("1er décembre 2022, 14 h 00", "26/12/2022, 02/01/2023", "09:30"):
        assert words in page
    assert "La période de dépôt suit dans tous les cas." in page


def test_nothing_typed_is_nothing_to_preview(stage: Stage, signed_in: SignIn) -> None:
    browser = signed_in(OWNER)
    assert "Rien n’a changé" in previewed(browser)
    browser.open(f"{PAGE}/apercu?changes=x")
    assert browser.page.status_code == 422


def test_the_history_of_a_dossier_tells_the_change(stage: Stage, signed_in: SignIn) -> None:
    number = stage.number(stage.solicited())
    parameters.change(
        stage.runtime,
        CAMPAIGN,
        {"delays": {"solicitation_abandon": {"amount": 45}}},
        "Arrêté fictif du 2 novembre.",
        stage.who(OWNER),
        moves_running=True,
    )
    page = signed_in(OFFICER).open(f"/dossiers/{number}")
    assert "Change des paramètres de la campagne" in page
    assert "Arrêté fictif du 2 novembre." in page


def test_the_reminders_of_a_delay_are_counted_like_it(stage: Stage, signed_in: SignIn) -> None:
    page = previewed(signed_in(OWNER), **{"delays.admissibility_solicitation.counting": "calendar"})
    assert "Ce qui changerait" in page
    assert "Rappel avant le rejet, manière de compter" in page


def test_an_english_reader_reads_the_parameters_in_english(stage: Stage, signed_in: SignIn) -> None:
    browser = signed_in(OWNER)
    browser.open(PAGE)
    browser.post("/langue", language="en")
    page = browser.open(PAGE)
    assert "5 business days" in page
    assert "every Thursday" in page


@pytest.mark.rule(66)
def test_why_a_date_names_start_rule_days_suspensions_version_and_hour_of_paris(
    stage: Stage, signed_in: SignIn
) -> None:
    dossier_id = stage.deposit()
    stage.do(dossier_id, "check_admissibility", OFFICER, outcome="solicit", questions=["Lequel ?"])
    stage.move_to("2022-11-07T10:00")
    holds.suspend(stage.runtime, dossier_id, "Recours fictif.", stage.who(OWNER))
    stage.move_to("2022-11-09T10:00")
    holds.resume(stage.runtime, dossier_id, "Recours rejeté.", stage.who(OWNER))
    page = signed_in(OPERATOR).open(f"/dossiers/{stage.number(dossier_id)}/dates")
    for words in (
        "Règle (DSR 4.2) : Sans réponse dans ce délai, la demande est rejetée.",
        "Départ : 9 novembre 2022, 10 h 00.",
        "Manière de compter : jours ouvrés.",
        "11 novembre",
        "Suspendu du 7 novembre 2022, 10 h 00 au 9 novembre 2022, 10 h 00",
        "heure de Paris.",
        "Calculé avec la version 1 des paramètres.",
    ):
        assert words in page, words
