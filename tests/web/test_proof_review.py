"""The review of proofs: what is shown of a file, to whom, and what becomes of a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from chromium import IN_CHROMIUM, chromium, patient, served
from flask import Flask
from playwright.sync_api import expect
from reviewed import AT, FILES, LONG, reviewed
from sqlalchemy import select
from stage import INSTRUCTOR, MEMBER, OFFICER, OPERATOR, STRANGER, Stage, demo_runtime

from tests.web.conftest import RUNTIME, SYSTEM_CLOCK, Browser
from tests.web.test_dossiers import MOST_STATEMENTS, statements
from workflow.domain.access_record import AccessRecord
from workflow.domain.instruction import Verdict
from workflow.engine import drafts
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.xdist_group("the review of proofs")
HTMX = {"HX-Request": "true"}
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'self'"


@dataclass
class Site:
    """A dossier to instruct with a file of every type, and its people signed in."""

    app: Flask
    stage: Stage
    dossier_id: int
    files: dict[str, int]
    people: dict[str, Browser]

    @property
    def runtime(self) -> Runtime:
        """What it runs on."""
        return self.stage.runtime

    @property
    def number(self) -> str:
        """The dossier's number."""
        return self.stage.number(self.dossier_id)

    def page(self, code: str = AT, name: str | None = None, **more: Any) -> str:
        """The address of the review of a requirement, at a file."""
        query = {**({"piece": self.files[name]} if name else {}), **more}
        told = "&".join(f"{key}={value}" for key, value in query.items())
        return f"/dossiers/{self.number}/revue/{code}?{told}"

    def content(self, name: str) -> str:
        """The address of a file as a page shows it."""
        return f"/preuves/{self.files[name]}/montrer"

    def open(self, address: str, email: str = INSTRUCTOR) -> str:
        """What someone reads at an address."""
        return self.people[email].open(address)

    def status(self, address: str, email: str = INSTRUCTOR) -> int:
        """How someone is answered at an address."""
        with self.people[email].client.get(address) as answer:
            return answer.status_code

    def say(self, code: str, verdict: str, comment: str = "", **more: Any) -> str:
        """Fill in the page of a requirement as it is, and send it."""
        instructor = self.people[INSTRUCTOR]
        page = instructor.open(self.page(code))
        fields = {f"~was.{each}": hidden(page, f"~was.{each}") for each in ("verdict", "comment")}
        return instructor.post(
            self.page(code), more={**fields, "~before": hidden(page, "~before"), **more},
            verdict=verdict, comment=comment,
        )  # fmt: skip

    def drafted(self) -> dict[str, tuple[str, str]]:
        """What the draft of the task says of each requirement."""
        with self.runtime.database.reading() as session:
            found = drafts.find(session, self.stage.task_id(self.dossier_id, "instruct_dossier"))
        rows = found.answer["verdicts"] if found else []
        return {row["requirement"]: (row["verdict"], row["comment"]) for row in rows}


@pytest.fixture(scope="module")
def site(shared_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One furnished site for all these tests."""
    kept = dict(shared_app.extensions), dict(shared_app.config)
    with demo_runtime(tmp_path_factory.mktemp("review")) as runtime:
        shared_app.extensions.update({RUNTIME: runtime, SYSTEM_CLOCK: runtime.clock})
        shared_app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, RATELIMIT_ENABLED=False)
        stage = Stage.set_up(runtime)
        people: dict[str, Browser] = {}
        for email in (INSTRUCTOR, MEMBER, OFFICER, OPERATOR, STRANGER):
            people[email] = Browser(shared_app.test_client())
            people[email].sign_in(email)
        yield Site(shared_app, stage, *reviewed(stage), people)
    shared_app.extensions.update(kept[0])
    shared_app.config.clear()
    shared_app.config.update(kept[1])


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_what_a_browser_can_show_is_shown_and_nothing_of_it_runs(site: Site) -> None:
    instructor = site.people[INSTRUCTOR]
    shown = {"rapport.pdf": "<iframe", "capture.png": "<img", "essai.mp4": "<video"}
    for name, element in shown.items():
        page = site.open(site.page(name=name))
        assert re.search(rf'{element}[^>]+src="{site.content(name)}', page), name
        policy = instructor.page.headers["Content-Security-Policy"]
        assert "frame-src 'self'; media-src 'self'" in policy
        assert "script-src 'self';" in policy
        answer = instructor.client.get(site.content(name))
        assert answer.data == FILES[name][1]
        assert answer.headers["Content-Security-Policy"] == SANDBOX
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("inline;")
        assert answer.mimetype == FILES[name][0]
        answer.close()


def test_a_page_or_a_text_is_never_given_to_a_frame(site: Site) -> None:
    instructor = site.people[INSTRUCTOR]
    for name in ("page.html", "journal.log", "note.docx", "traces.zip"):
        answer = instructor.client.get(site.content(name))
        assert answer.headers["Content-Disposition"].startswith("attachment;"), name
        assert answer.mimetype != "text/html"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        answer.close()
    page = site.open(site.page(name="page.html"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in instructor.page.text
    assert "<code><script>" not in instructor.page.text
    assert "ne se montre pas dans la page" in site.open(site.page(name="note.docx"))
    assert "Télécharger" in page


def test_a_video_is_sought_by_ranges(site: Site) -> None:
    client, content = site.people[INSTRUCTOR].client, FILES["essai.mp4"][1]
    for asked, status, given in (
        ("bytes=0-", 206, content),
        ("bytes=4090-", 206, content[4090:]),
        ("bytes=-10", 206, content[-10:]),
        ("bytes=8-11", 206, b"isom"),
        ("bytes=9999-", 416, None),
    ):
        answer = client.get(site.content("essai.mp4"), headers={"Range": asked})
        assert answer.status_code == status, asked
        if given is not None:
            assert answer.data == given, asked
            assert answer.headers["Accept-Ranges"] == "bytes"
            assert answer.headers["Content-Range"].endswith("/4096")
        answer.close()


def test_what_is_infected_or_in_quarantine_is_shown_to_nobody(site: Site) -> None:
    for name, why in (
        ("infecte.pdf", "un programme malveillant (Eicar-Essai)"),
        ("attente.pdf", "ne l’a pas encore analysé"),
    ):
        page = site.open(site.page(name=name))
        assert why in page
        assert site.content(name) not in page
        assert site.status(site.content(name)) == 409


def test_a_text_is_read_by_parts_searched_and_its_lines_are_chosen(site: Site) -> None:
    page = site.open(site.page(name="long.log"))
    assert "encodage supposé : Windows-1252" in page
    assert "Partie 1 sur 5 : lignes 1 à 600" in page
    page = site.open(site.page(name="long.log", ligne="1500-1501"))
    assert "Partie 3 sur 5 : lignes 1201 à 1800" in page
    assert '<div id="L1501" class="hit">' in page
    assert "connexion 1500 acceptée" in page
    assert 'value="long.log, lignes 1500 à 1501"' in page
    page = site.open(site.page(name="long.log", cherche="CONNEXION 299"))
    assert "11 lignes trouvées" in page  # 299, 2990 to 2999
    assert len(LONG) > 60_000
    assert len(page) < 120_000


def test_an_archive_is_listed_and_not_unpacked(site: Site) -> None:
    page = site.open(site.page(name="traces.zip"))
    assert "L’archive contient 2 entrées. Rien n’en est décompressé ici." in page
    assert "traces/imap.pcap" in page
    assert "600 octets" in page


def test_verdicts_wait_in_the_draft_of_the_task(site: Site) -> None:
    page = site.say("DER-API-01", "conform", "Vu.", **{"~next": "yes"})
    assert site.drafted()["DER-API-01"] == ("conform", "Vu.")
    assert "DER-API-01 : conforme, au brouillon." in page
    assert "1 sur 24" in page
    assert site.people[INSTRUCTOR].page.request.path.endswith("/DER-API-02")
    with site.runtime.database.reading() as session:
        assert session.scalars(select(Verdict)).all() == []
    task = site.open(f"/taches/{site.stage.task_id(site.dossier_id, 'instruct_dossier')}")
    assert re.search(r'value="conform" checked', task)
    assert task.count('value="conform"') == 24
    undone = {"verdict": "", "~was.verdict": "conform", "~undo": "yes"}
    site.open(site.page("DER-API-02"))
    page = site.people[INSTRUCTOR].post(site.page("DER-API-01"), more=undone)
    assert "Verdict annulé pour DER-API-01." in page
    assert site.drafted()["DER-API-01"] == ("", "Vu.")
    assert "Tout conforme" not in page


def test_going_on_without_a_verdict_is_refused_and_the_reason_is_kept(site: Site) -> None:
    page = site.say("DER-API-03", "", "Presque.", **{"~next": "yes"})
    assert site.people[INSTRUCTOR].page.status_code == 422
    assert "Le verdict manque." in page
    assert "Presque.</textarea>" in page
    assert "DER-API-03" not in site.drafted()


def test_a_reason_becomes_a_question_of_the_same_task(site: Site) -> None:
    asked = site.say("DER-TLS-04", "to_clarify", "Quelle liste\nest lue ?", **{"~ask": "yes"})
    assert "1 en préparation" in asked
    site.say("DER-TLS-04", "to_clarify", "Quelle liste\nest lue ?", **{"~ask": "yes"})
    task = site.open(f"/taches/{site.stage.task_id(site.dossier_id, 'instruct_dossier')}")
    assert "\nDER-TLS-04 : Quelle liste est lue ?</textarea>" in task
    site.say("DER-TLS-04", "to_clarify", " ", **{"~ask": "yes"})
    assert site.people[INSTRUCTOR].page.status_code == 422


def test_lines_are_quoted_in_the_reason_without_a_script_too(site: Site) -> None:
    site.say(AT, "not_conform", "TLS 1.1 accepté", **{"~quote": "journal.log, ligne 3"})
    assert site.drafted()[AT] == ("not_conform", "TLS 1.1 accepté (journal.log, ligne 3)")


def test_two_tabs_on_one_requirement_are_told_and_on_two_they_are_not_disturbed(site: Site) -> None:
    first = {"~was.verdict": "", "~was.comment": "", "verdict": "conform", "comment": "Un."}
    other = {**first, "verdict": "to_clarify", "comment": "Deux."}
    instructor = site.people[INSTRUCTOR]
    instructor.open(site.page("DER-CFG-01"))
    instructor.post(site.page("DER-CFG-01"), more=first)
    instructor.post(site.page("DER-CFG-02"), more=other)
    assert site.drafted()["DER-CFG-01"] == ("conform", "Un.")
    assert site.drafted()["DER-CFG-02"] == ("to_clarify", "Deux.")
    data = {"csrf_token": instructor.token, **other}
    told = instructor.client.post(site.page("DER-CFG-01"), data=data, headers=HTMX)
    assert told.status_code == 409
    assert "Une autre page a jugé cette exigence" in told.text
    assert site.drafted()["DER-CFG-01"] == ("conform", "Un.")
    page = instructor.post(site.page("DER-CFG-01"), more=other)
    assert instructor.page.status_code == 409
    assert "Deux.</textarea>" in page
    newer = {"~newer.verdict": "conform", "~newer.comment": "Un.", "~over": "yes"}
    instructor.post(site.page("DER-CFG-01"), more={**other, **newer})
    assert site.drafted()["DER-CFG-01"] == ("to_clarify", "Deux.")


def test_who_has_not_the_task_reads_only(site: Site) -> None:
    member = site.people[MEMBER]
    page = member.open(site.page("DER-CFG-01"))
    assert "Vous lisez seulement" in page
    assert 'name="verdict"' not in page
    assert "Deux." not in page
    member.post(site.page("DER-CFG-01"), verdict="conform")
    assert member.page.status_code == 403
    assert site.status(site.content("rapport.pdf"), MEMBER) == 200


@pytest.mark.rule(76, 77)
@pytest.mark.parametrize(("email", "status"), [(OFFICER, 403), (OPERATOR, 403), (STRANGER, 404)])
def test_the_review_is_for_those_who_read_proofs(site: Site, email: str, status: int) -> None:
    assert site.status(site.page(), email) == status
    own = 200 if email == OPERATOR else 404
    assert site.status(site.content("rapport.pdf"), email) == own


def test_each_opening_of_a_file_is_kept_and_the_page_reads_few_statements(site: Site) -> None:
    site.open(site.page(name="rapport.pdf"))
    with statements(site.runtime) as sent:
        site.open(site.page(name="rapport.pdf"))
    assert len(sent) <= MOST_STATEMENTS, sent
    assert site.status(site.content("rapport.pdf")) == 200
    with site.runtime.database.reading() as session:
        rows = session.execute(select(AccessRecord.what, AccessRecord.address))
        kept = {(row.what, row.address) for row in rows}
    assert ("proof", site.content("rapport.pdf")) in kept
    assert ("proofs", f"/dossiers/{site.number}/revue/{AT}") in kept


def test_keys_can_be_switched_off(site: Site) -> None:
    assert "built/keys.js" in site.open("/raccourcis")
    page = site.people[INSTRUCTOR].post("/raccourcis", keys="off", to="/raccourcis")
    assert "sont coupés" in page
    assert "built/keys.js" not in page
    assert "data-key=" not in site.open(site.page())
    assert "sont actifs" in site.people[INSTRUCTOR].post("/raccourcis", keys="on", to="/raccourcis")
    assert "data-shortcuts" not in site.open("/accueil", OPERATOR)


@pytest.fixture
def at_keys(site: Site) -> Iterator[Any]:
    """The instructor's browser, whose mouse is never used."""
    cookie = site.people[INSTRUCTOR].client.get_cookie("jalon")
    assert cookie is not None
    with served(site.app) as address, chromium() as browser:
        context = patient(browser, viewport={"width": 1440, "height": 900}, base_url=address)
        context.add_cookies([{"name": "jalon", "value": cookie.value, "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"{error}"))
        yield page
        context.close()


@pytest.mark.slow
@IN_CHROMIUM[0]
@IN_CHROMIUM[1]
def test_three_requirements_are_reviewed_by_keyboard_alone(site: Site, at_keys: Any) -> None:
    page = at_keys
    press = page.keyboard.press

    def at(code: str) -> None:
        page.wait_for_url(f"**/revue/{code}*")
        page.wait_for_load_state()

    page.goto(site.page("DER-PSC-01"))
    press("?")
    page.locator("dialog[open]").get_by_text("Suivante à juger").wait_for()
    press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    press("c")
    press("m")
    page.keyboard.type("Vu en c, n, j.")
    press("Control+Enter")
    at("DER-PSC-02")
    press("n")
    press("j")  # What was chosen is kept before the page is left.
    at("DER-PSC-03")
    press("p")
    press("Enter")
    at("DER-PSC-04")
    press("z")
    at("DER-PSC-03")
    page.get_by_text("Verdict annulé pour DER-PSC-03.").wait_for()
    press("o")
    page.get_by_text("Brouillon enregistré").wait_for()
    press("e")
    page.keyboard.type("tls-02")
    press("Enter")
    at(AT)
    press("f")
    page.wait_for_url(f"**piece={site.files['long.log']}*")
    press("/")
    page.keyboard.type("connexion 1234 ")
    press("Enter")
    page.locator(".found li").wait_for()
    page.goto(site.page(name="journal.log", ligne="3"))
    press("q")
    quoted = "(journal.log, ligne 3)"
    expect(page.locator("#comment")).to_have_value(re.compile(re.escape(quoted) + "$"))
    press("Escape")
    press("g")
    press("d")
    page.wait_for_url("**/dossiers")
    said = site.drafted()
    assert said["DER-PSC-01"] == ("conform", "Vu en c, n, j.")
    assert said["DER-PSC-02"] == ("not_conform", "")
    assert said["DER-PSC-03"] == ("not_applicable", "")
    assert said[AT][1].endswith(quoted)
