"""Help: every page has its own, in both languages, and the glossary explains its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from stage import OPERATOR, OWNER

from tests.web.conftest import Browser
from web import guide_texts
from web.guide_texts import InvalidGuide, glossary, helps, visit_of
from workflow.domain.person import ROLES

NOT_PAGES = ("/static", "/api", "/metrics", "/healthz", "/readyz", ".csv", ".json", ".txt")
DOWNLOADS_AND_WAYS = {
    "diagrams.source",
    "documents.download",
    "documents.export_dossier",
    "documents.read_in_english",
    "evidence.download",
    "external_sign_in.begin",
    "external_sign_in.come_back",
    "external_sign_in.leave_provider",
    "proof_review.view",
    "proofs.download",
    "siret_check.check",
    "support.of_instance",
}
"""What answers with a file, or only leads to another page."""


def pages(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not any(part in rule.rule for part in NOT_PAGES):
            yield rule.endpoint


def test_every_page_has_its_help_and_no_help_is_of_a_page_that_is_gone(app: Flask) -> None:
    known = set(pages(app)) - DOWNLOADS_AND_WAYS
    assert sorted(known - set(helps())) == [], "write it in web/guide/pages/"
    every = {rule.endpoint for rule in app.url_map.iter_rules()} | {"demo.clock"}
    assert sorted(set(helps()) - every) == []


def test_each_page_leads_to_its_own_help_which_says_what_its_words_mean(browser: Browser) -> None:
    page = browser.open("/registre")
    assert 'href="/guide/public.register"' in page
    told = browser.open("/guide/public.register")
    assert "Si rien n’est fait" in told
    assert 'href="/guide/glossaire#listing_number"' in told
    assert 'id="listing_number"' in browser.open("/guide/glossaire")
    assert 'href="/guide/public.register"' in browser.open("/guide")
    assert browser.client.get("/guide/nothing").status_code == 404


def test_the_guide_is_whole_in_english_too(browser: Browser) -> None:
    browser.post("/langue", language="en", to="/guide")
    for address in ("/guide", "/guide/glossaire", "/guide/dossiers.show"):
        page = re.sub(r'<[^>]+lang="fr"[^>]*>[^<]*', "", browser.open(address))
        main = page[page.index("<main") : page.index("</main>")]
        assert not re.search(r"\b(les|des|une|vous|est)\b", main), address


def test_texts_keep_their_typography_and_are_short() -> None:
    said = [
        *(text for each in helps().values() for text in (each.purpose["fr"], each.otherwise["fr"])),
        *(term.meaning["fr"] for term in glossary().values()),
        *(step.text["fr"] for role in ROLES for step in visit_of(role)),
    ]
    assert [text for text in said if len(text) > 190 or text[-1] not in ".?"] == []


def test_a_text_that_lacks_a_language_is_refused_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "visits"
    folder.mkdir()
    step = "- {id: a, page: home.index, anchor: b, fr: {title: Un, text: Deux.}}"
    (folder / "nobody.yaml").write_text(step, encoding="utf-8")
    monkeypatch.setattr(guide_texts, "FOLDER", folder.parent)
    with pytest.raises(InvalidGuide, match=r"nobody\.yaml"):
        visit_of("nobody")


def test_before_the_first_campaign_pages_say_what_to_do_instead_of_being_missing(
    signed_in: Callable[[str], Browser],
) -> None:
    owner = signed_in(OWNER)
    for address in (
        "/accueil",
        "/college",
        "/parametres",
        "/schemas",
        "/administration/fermetures",
    ):
        assert "jalon campaigns deploy" in owner.open(address), address
    operator = signed_in(OPERATOR)
    assert "Aucune campagne n’est encore ouverte" in operator.open("/accueil")
    assert "Déposer une candidature" not in operator.text
