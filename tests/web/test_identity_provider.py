"""Entering with an identity provider: a real one, over HTTP, and Jalon served over HTTP too."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from identity_house import SUBJECT, House, Visitor, serve
from sqlalchemy import select

from tests.web.stage import ADMINISTRATOR, OPERATOR
from web.demo_accounts import DEMO_PASSWORD
from workflow import audit_log
from workflow.clock import VirtualClock
from workflow.domain import account_invitation, person
from workflow.domain.identity import ExternalIdentity
from workflow.domain.person import Person
from workflow.engine.runtime import Runtime
from workflow.settings import InvalidSetting, Settings

with warnings.catch_warnings():
    # The provider is written against an older face of the library that it shares with us.
    warnings.simplefilter("ignore")
    import oidc_provider_mock

# How the provider of the tests is written, not how Jalon is.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


@pytest.fixture
def issuer() -> Iterator[str]:
    """A provider that is up."""
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def house(runtime: Runtime, system_clock: VirtualClock, issuer: str) -> Iterator[House]:
    """Jalon, told of the provider."""
    yield from serve(runtime, system_clock, issuer)


def test_a_person_enters_by_the_address_that_the_provider_verified(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR.upper(), email_verified=True)
    visitor = Visitor(house)
    assert "Se connecter avec Portail ANS" in visitor.open("/connexion").text
    arrived = visitor.enter()
    assert arrived.status_code == 200
    assert visitor.name == "Nadia Ferrand"
    assert house.facts("account:identity_linked") == [{"email": OPERATOR, "issuer": house.issuer}]
    assert house.facts("account:signed_in") == [{"email": OPERATOR, "issuer": house.issuer}]


def test_the_provider_is_asked_with_a_challenge_a_state_and_a_nonce(house: House) -> None:
    asked = parse_qs(urlsplit(Visitor(house).begin()).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert asked["redirect_uri"] == [f"{house.address}/connexion/fournisseur/retour"]
    again = parse_qs(urlsplit(Visitor(house).begin()).query)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name], name


def test_who_wanted_a_page_arrives_there(house: House) -> None:
    house.knows(SUBJECT, email=ADMINISTRATOR, email_verified=True)
    visitor = Visitor(house)
    shown = visitor.open("/personnes").text
    link = re.search(r'href="(/connexion/fournisseur[^"]*)"', shown)
    assert link is not None
    back = visitor.consent(visitor.begin(html.unescape(link[1])))
    assert visitor.web.get(back, timeout=10).url == f"{house.address}/personnes"


def test_nobody_is_sent_elsewhere_after_entering(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    visitor = Visitor(house)
    back = visitor.consent(visitor.begin("/connexion/fournisseur?to=https://ailleurs.example/"))
    assert visitor.web.get(back, timeout=10).url.startswith(house.address)


def test_no_account_is_opened_for_a_stranger(house: House) -> None:
    house.knows(SUBJECT, email="inconnue@alize.example", email_verified=True)
    visitor = Visitor(house)
    arrived = visitor.enter()
    assert arrived.status_code == 403
    assert "Demandez une invitation" in html.unescape(arrived.text)
    assert visitor.name is None
    with house.runtime.database.reading() as session:
        assert person.find_by_email(session, "inconnue@alize.example") is None
    refused = house.facts("account:sign_in_refused")
    assert [each["reason"] for each in refused] == ["unknown"]


@pytest.mark.parametrize("verified", [False, "no", None])
def test_an_address_that_nobody_verified_opens_nothing(house: House, verified: object) -> None:
    house.knows(SUBJECT, email=ADMINISTRATOR, email_verified=verified)
    visitor = Visitor(house)
    assert "n’a pas vérifié votre adresse" in html.unescape(visitor.enter().text)
    assert visitor.name is None


def invited(house: House, email: str, role: str = "auditor") -> str:
    with house.runtime.database.transaction() as session:
        at = house.app.extensions["jalon_system_clock"].now()
        return account_invitation.invite(
            session, email=email, role=role, operator_id=None, invited_by=None, at=at
        )


def open_by_invitation(visitor: Visitor, token: str) -> requests.Response:
    shown = html.unescape(visitor.open(f"/invitation/{token}").text)
    link = re.search(r'href="(/connexion/fournisseur[^"]*)"', shown)
    assert link is not None
    return visitor.web.get(visitor.consent(visitor.begin(link[1])), timeout=10)


def test_an_invited_person_opens_their_account_without_a_password(house: House) -> None:
    email = "neuve@ans.example"
    house.knows(SUBJECT, email=email, email_verified=True, name="Neuve Fictive")
    visitor, token = Visitor(house), invited(house, email)
    open_by_invitation(visitor, token)
    assert visitor.name == "Neuve Fictive"
    with house.runtime.database.reading() as session:
        found = person.find_by_email(session, email)
        assert found is not None
        assert (found.password_hash, found.roles) == (None, {"auditor"})
    assert house.facts("account:invitation_accepted") == [{"email": email, "issuer": house.issuer}]
    visitor.web.cookies.clear()
    visitor.enter()
    assert visitor.name == "Neuve Fictive"
    again = Visitor(house)
    house.knows("second", email="autre@ans.example", email_verified=True)
    page = f"/connexion/fournisseur?invitation={token}"
    assert again.web.get(again.consent(again.begin(page), "second"), timeout=10).status_code == 404


def test_an_invitation_serves_its_own_address_only(house: House) -> None:
    house.knows(SUBJECT, email="voisin@ans.example", email_verified=True)
    visitor, token = Visitor(house), invited(house, "neuve@ans.example", "administrator")
    arrived = open_by_invitation(visitor, token)
    assert arrived.status_code == 403
    assert "pour une autre adresse" in html.unescape(arrived.text)
    assert visitor.name is None
    house.knows(SUBJECT, email="neuve@ans.example", email_verified=False)
    assert open_by_invitation(visitor, token).status_code == 403
    house.knows(SUBJECT, email="neuve@ans.example", email_verified=True, name="Neuve")
    open_by_invitation(visitor, token)
    assert visitor.name == "Neuve"


def test_a_changed_address_takes_no_other_account_over(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    Visitor(house).enter()
    house.knows(SUBJECT, email=ADMINISTRATOR, email_verified=True)
    visitor = Visitor(house)
    visitor.enter()
    assert visitor.name == "Nadia Ferrand"


def test_another_subject_with_the_same_address_does_not_enter(house: House) -> None:
    house.knows(SUBJECT, email=ADMINISTRATOR, email_verified=True)
    Visitor(house).enter()
    house.knows("thief", email=ADMINISTRATOR, email_verified=True)
    visitor = Visitor(house)
    arrived = visitor.enter("thief")
    assert arrived.status_code == 403
    assert "lié à une autre identité" in html.unescape(arrived.text)
    assert visitor.name is None


def test_an_administrator_undoes_a_link_and_the_next_entry_makes_a_new_one(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    operator = Visitor(house)
    operator.enter()
    administrator = Visitor(house)
    house.knows("admin", email=ADMINISTRATOR, email_verified=True)
    administrator.enter("admin")
    with house.runtime.database.reading() as session:
        found = person.find_by_email(session, OPERATOR)
        assert found is not None
        linked = session.scalar(
            select(ExternalIdentity.id).where(ExternalIdentity.person_id == found.id)
        )
    page = f"/personnes/{found.id}"
    done = administrator.post(f"{page}/identites/{linked}/delier", page)
    assert "Identité déliée" in html.unescape(done.text)
    assert operator.name is None
    house.knows("new-subject", email=OPERATOR, email_verified=True)
    operator.enter("new-subject")
    assert operator.name == "Nadia Ferrand"


def test_a_closed_account_is_closed_by_the_provider_too(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    Visitor(house).enter()
    with house.runtime.database.transaction() as session:
        found = person.find_by_email(session, OPERATOR)
        assert found is not None
        found.is_active = False
    visitor = Visitor(house)
    assert "désactivé" in html.unescape(visitor.enter().text)
    assert visitor.name is None


def test_a_return_that_nobody_began_is_refused(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    begun = Visitor(house)
    back = begun.consent(begun.begin())
    victim = Visitor(house)
    arrived = victim.web.get(back, timeout=10)
    assert arrived.status_code == 400
    assert "s’est interrompue" in html.unescape(arrived.text)
    assert victim.name is None


def test_a_return_serves_once(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    visitor = Visitor(house)
    back = visitor.consent(visitor.begin())
    visitor.web.get(back, timeout=10)
    assert visitor.web.get(back, timeout=10).status_code == 400


def test_a_code_of_another_sign_in_is_refused_by_its_nonce(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    house.knows("thief", email="operateur@nacre.example", email_verified=True)
    thief = Visitor(house)
    stolen = parse_qs(urlsplit(thief.consent(thief.begin(), "thief")).query)["code"][0]
    victim = Visitor(house)
    state = parse_qs(urlsplit(victim.begin()).query)["state"][0]
    arrived = victim.open(f"/connexion/fournisseur/retour?code={stolen}&state={state}")
    assert arrived.status_code == 502
    assert victim.name is None


def test_who_declines_at_the_provider_reads_so(house: House) -> None:
    visitor = Visitor(house)
    page = visitor.begin()
    done = visitor.web.post(page, data={"action": "deny"}, allow_redirects=False, timeout=10)
    arrived = visitor.web.get(done.headers["Location"], timeout=10)
    assert arrived.status_code == 403
    assert "refusée chez le fournisseur" in html.unescape(arrived.text)


def test_a_provider_that_is_down_leaves_the_password(
    runtime: Runtime, system_clock: VirtualClock
) -> None:
    for house in serve(runtime, system_clock, "http://localhost:9"):
        visitor = Visitor(house)
        arrived = visitor.open("/connexion/fournisseur")
        assert arrived.status_code == 502
        assert "ne répond pas" in html.unescape(arrived.text)
        visitor.post("/connexion", "/connexion", email=OPERATOR, password=DEMO_PASSWORD)
        assert visitor.name == "Nadia Ferrand"


def test_a_provider_that_names_itself_otherwise_is_not_believed(
    runtime: Runtime, system_clock: VirtualClock, issuer: str
) -> None:
    other = issuer.replace("localhost", "127.0.0.1")
    for house in serve(runtime, system_clock, f"{other}/tenant/.."):
        assert Visitor(house).open("/connexion/fournisseur").status_code == 502


def test_leaving_tells_that_the_provider_goes_on_knowing(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    visitor = Visitor(house)
    visitor.enter()
    left = visitor.post("/deconnexion", "/compte")
    assert "vous connaît encore" in left.text
    assert visitor.name is None
    end = visitor.open("/deconnexion/fournisseur", allow_redirects=False)
    assert end.headers["Location"].startswith(f"{house.issuer}/oauth2/end_session")


def test_with_passwords_off_only_administrators_use_one(
    runtime: Runtime, system_clock: VirtualClock, issuer: str
) -> None:
    for house in serve(runtime, system_clock, issuer, local_passwords=False):
        operator, administrator = Visitor(house), Visitor(house)
        operator.post("/connexion", "/connexion", email=OPERATOR, password=DEMO_PASSWORD)
        assert operator.name is None
        assert "Réservé aux administrateurs" in operator.open("/connexion").text
        administrator.post("/connexion", "/connexion", email=ADMINISTRATOR, password=DEMO_PASSWORD)
        assert administrator.name is not None


def test_without_a_provider_there_is_no_such_way(app: Flask) -> None:
    client = app.test_client()
    assert "fournisseur" not in client.get("/connexion").text
    for address in (
        "/connexion/fournisseur",
        "/connexion/fournisseur/retour",
        "/deconnexion/fournisseur",
    ):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        {"JALON_OIDC_ISSUER": "https://id.example"},
        {
            "JALON_OIDC_ISSUER": "http://id.example",
            "JALON_OIDC_CLIENT_ID": "a",
            "JALON_OIDC_CLIENT_SECRET": "b",
        },
        {"JALON_LOCAL_PASSWORDS": "false"},
    ],
)
def test_a_provider_is_set_whole_and_under_tls(given: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting):
        Settings.from_environment(given)


def test_an_entry_by_the_provider_is_chained_like_any_other(house: House) -> None:
    house.knows(SUBJECT, email=OPERATOR, email_verified=True)
    Visitor(house).enter()
    with house.runtime.database.reading() as session:
        verdict = audit_log.verify(session, audit_log.HOUSE)
        assert verdict.broken_at is None
        assert verdict.entries >= 2
        assert session.scalar(select(Person.email).where(Person.email == OPERATOR)) == OPERATOR
