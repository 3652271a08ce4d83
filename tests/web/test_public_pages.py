"""What anybody reads without an account: the register, the check of a number, the procedure."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from stage import OWNER, Stage, demo_runtime
from werkzeug.datastructures import MultiDict

from tests.web.test_dossiers import MOST_STATEMENTS, statements
from web import assets
from web.app import create_app
from web.procedure import PUBLIC_CATALOGUE
from web.procedure_source import read_source
from web.procedure_view import procedure_of
from web.procedure_words import catalogue
from web.register_search import Found, RegisterQuery, search
from web.register_state import Register
from web.register_view import AsOf
from workflow.clock import PARIS
from workflow.domain.listing import Listing
from workflow.domain.register import RegisterEntry
from workflow.engine import diagrams, parameters
from workflow.engine.runtime import Runtime
from workflow.settings import PROJECT

if TYPE_CHECKING:
    from tests.web.conftest import Browser

pytestmark = pytest.mark.xdist_group("public pages")
LARGEST_VIEW = 200_000
"""Compressed bytes of the first view of a page (issue 5)."""
STATIC = Path(assets.__file__).parent / "static"


@dataclass
class Public:
    """A site with one listed service, and a visitor."""

    app: Flask
    stage: Stage
    number: str

    def visitor(self) -> FlaskClient:
        """Somebody without an account."""
        return self.app.test_client()

    def read(self, address: str) -> str:
        """A page as a visitor reads it, unbreakable spaces made plain."""
        text = self.visitor().get(address, follow_redirects=True).text
        return re.sub("[\u00a0\u202f]", " ", text).replace("&#39;", "’")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    """One site for all these pages: none of these tests changes what another reads."""
    with demo_runtime(tmp_path_factory.mktemp("public")) as runtime:
        stage = Stage.set_up(runtime)
        stage.decided("award")
        with runtime.database.reading() as session:
            number = session.scalars(select(Listing.number)).one()
        yield Public(create_app(runtime, demo=False), stage, number)


def entry(rank: int, **given: object) -> RegisterEntry:
    """A listed service; by default one that all questions find."""
    facts: dict[str, object] = {
        "number": f"OPE-MSS-2022-{rank:04d}-00",
        "dsr": "DSR-OPE-MSS",
        "service_name": f"Messagerie {rank:03d}",
        "service_version": "1.0",
        "company_name": "Éole Santé",
        "profiles": ("general",),
        "listed_on": date(2022, 11, 3),
        "status": "active",
    }
    return RegisterEntry(**{**facts, **given})  # type: ignore[arg-type]


REGISTER = Register(
    (
        *(entry(rank) for rank in range(1, 61)),
        entry(61, profiles=("general", "bal_app"), company_name="Zéphyr"),
        entry(62, status="revoked", listed_on=date(2023, 1, 5), company_name="Zéphyr"),
        entry(63, status="suspended", service_name="Élan"),
    )
)


def asked(public: Public, **arguments: str) -> Found:
    """What the register answers to the question of an address."""
    state = AsOf(date(2023, 2, 1), datetime(2023, 2, 1, tzinfo=PARIS), True)
    with public.app.test_request_context("/registre"):
        return search(REGISTER, RegisterQuery.read(MultiDict(arguments), state))


def counts(found: Found, facet: str) -> dict[str, int]:
    """The counts of a facet."""
    return {each.value: each.count for each in found.facets[facet]}


@pytest.mark.rule(73)
def test_facets_count_what_each_would_leave_and_narrow_together(public: Public) -> None:
    everything = asked(public)
    assert counts(everything, "etat") == {"active": 61, "suspended": 1, "revoked": 1}
    assert counts(everything, "profil") == {"general": 63, "bal_app": 1}
    assert counts(everything, "annee") == {"2023": 1, "2022": 62}
    found = asked(public, operateur="Zéphyr", etat="active")
    assert [each.number for each in found.entries] == ["OPE-MSS-2022-0061-00"]
    assert counts(found, "etat") == {"active": 1, "revoked": 1}, "a facet does not narrow itself"
    chosen = next(each for each in found.facets["etat"] if each.is_chosen)
    assert "etat" not in chosen.address, "the chosen value leads to the question without it"


def test_people_search_without_accents_and_with_pieces_of_a_number(public: Public) -> None:
    assert len(asked(public, q="elan eole").entries) == 1
    assert len(asked(public, q="mss 2022-0061").entries) == 1
    assert len(asked(public, q="OPEMSS20220061").entries) == 1
    assert asked(public, q="absente").entries == []


def test_a_long_register_is_read_by_pages_in_the_order_asked(public: Public) -> None:
    last = asked(public, page="2", tri="-numero")
    assert (last.pages, len(last.shown)) == (2, 13)
    assert last.shown[-1].number == "OPE-MSS-2022-0001-00"
    assert asked(public, page="99").page == 2
    assert asked(public, tri="inconnu", page="x").shown[0].service_name == "Messagerie 001"


def test_the_downloads_follow_what_the_page_was_asked(public: Public) -> None:
    page = public.read("/registre?q=alize&etat=active")
    assert "1 service trouvé" in page
    assert 'href="/registre.csv?q=alize&amp;etat=active"' in page
    assert public.number in public.read("/registre.csv?q=alize&etat=active")
    assert public.number not in public.read("/registre.csv?q=alize&etat=revoked")
    assert public.number not in public.read("/registre.json?q=absente")


@pytest.mark.parametrize("address", ["/registre", "/registre.csv", "/procedure"])
def test_whoever_holds_a_public_page_is_not_sent_it_again(public: Public, address: str) -> None:
    visitor = public.visitor()
    first = visitor.get(address)
    assert "s-maxage=60" in first.headers["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= set(first.vary)
    again = visitor.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_newly_listed_service_is_in_the_register_at_once(
    app: Flask, runtime: Runtime, browser: Browser
) -> None:
    stage = Stage.set_up(runtime)
    assert "0 service" in browser.open("/registre")
    stage.decided("award")
    assert "1 service" in browser.open("/registre")


@pytest.mark.rule(73)
def test_a_number_is_read_as_it_was_meant(public: Public) -> None:
    for written in (
        public.number.lower(),
        public.number.replace("-", " "),
        public.number.replace("-", "\N{EN DASH}"),
        public.number.replace("-", ""),
        public.number.replace("0", "O").replace("1", "l"),
    ):
        page = public.read(f"/verifier?numero={written}")
        assert "Référencement en vigueur" in page, written
    assert "un seul numéro du registre lui ressemble" in page
    assert "mal recopié" in public.read(f"/verifier/{public.number[:-1]}")


@pytest.mark.rule(53, 61, 66, 70)
def test_the_procedure_is_told_with_the_delays_of_the_campaign_in_force(
    app: Flask, runtime: Runtime, browser: Browser
) -> None:
    stage = Stage.set_up(runtime)
    page = browser.open("/procedure")
    for words in (
        "5 jours ouvrés",
        "24 heures",
        "28 jours du calendrier",
        "La demande est rejetée",
    ):
        assert words in page
    assert "12 septembre 2022 au 22 novembre 2022, 23 h 59" in page
    longer = {"delays": {"solicitation_abandon": {"amount": 45}}}
    assert "30 jours du calendrier" in page
    parameters.change(runtime, stage.campaign.id, longer, "Décision", stage.who(OWNER))
    page = browser.open("/procedure")
    assert "45 jours du calendrier" in page
    assert "30 jours du calendrier" not in page


def test_every_phase_is_drawn_and_told_and_nothing_else_is_shown(public: Public) -> None:
    page = public.read("/procedure")
    phases = sorted(set(re.findall(r'href="/procedure/([a-z_]+)"', page)))
    assert "instruction_solicitation" in phases
    assert "college_session" in phases
    for phase in phases:
        told = public.read(f"/procedure/{phase}")
        assert "<svg" in told, phase
        assert 'class="twin"' in told, phase
    assert public.visitor().get("/procedure/support_question").status_code == 404
    assert public.visitor().get("/procedure/absente").status_code == 404


def test_each_sentence_of_the_procedure_has_its_english(public: Public) -> None:
    source = read_source(diagrams.read_files([PROJECT / "bpmn"]))
    told = procedure_of(source, public.stage.campaign)
    said = {told.about}
    for phase in told.phases:
        said |= {phase.about, *(step.about for step in phase.steps)}
    said |= {each.about for each in (*told.at_any_time, *told.ends)}
    known = set(catalogue(PROJECT / "bpmn" / PUBLIC_CATALOGUE))
    assert sorted(said - {""} - known) == []
    assert sorted(known - said) == []


@pytest.mark.parametrize(
    "address", ["/registre", "/verifier", "/procedure", "/procedure/instruction_solicitation"]
)
def test_a_public_page_is_light_and_asks_little_of_the_database(
    public: Public, address: str
) -> None:
    visitor = public.visitor()
    visitor.get(address)
    with statements(public.stage.runtime) as sent:
        page = visitor.get(address)
    assert len(sent) <= MOST_STATEMENTS
    parts = re.findall(r'(?:href|src)="/static/([^"?]+)', page.text)
    files = [STATIC / name for name in parts if (STATIC / name).is_file()]
    weight = sum(len(gzip.compress(each.read_bytes())) for each in files)
    assert len(gzip.compress(page.data)) + weight < LARGEST_VIEW
