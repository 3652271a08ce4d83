"""Entering with a provider that was certified by the OpenID Foundation, as an agency would run one.

`oidc-provider` shares no code with Jalon, says addresses only where it is asked for them apart
(UserInfo), and refuses whatever OpenID Connect does not allow.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from identity_house import House, Visitor, serve

from tests.web.stage import OPERATOR
from workflow.clock import VirtualClock
from workflow.engine.runtime import Runtime
from workflow.settings import PROJECT

SCRIPT = Path(__file__).with_name("certified_provider.mjs")
PROVIDER = PROJECT / "node_modules" / "oidc-provider"
PEOPLE = {
    "nadia": {"email": OPERATOR, "email_verified": True, "name": "Nadia Ferrand"},
    "quelquun": {"email": OPERATOR, "email_verified": False},
}

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not PROVIDER.is_dir(),
    reason="SKIPPED: node or oidc-provider is missing; run `npm ci` to enter with it",
)


@pytest.fixture
def house(runtime: Runtime, system_clock: VirtualClock) -> Iterator[House]:
    """Jalon and the certified provider, both served."""
    running = subprocess.Popen(
        ["node", "--no-warnings", str(SCRIPT)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    with running:
        try:
            issuer = f"http://localhost:{running.stdout.readline().strip()}"
            for house in serve(runtime, system_clock, issuer):
                told = {
                    "redirect": f"{house.address}/connexion/fournisseur/retour",
                    "signedOut": f"{house.address}/connexion",
                    "people": PEOPLE,
                }
                print(json.dumps(told), file=running.stdin, flush=True)
                assert running.stdout.readline() == "ready\n"
                yield house
        finally:
            running.terminate()


def sent(visitor: Visitor, page: requests.Response, **typed: str) -> requests.Response:
    """Fill in the form of a page of the provider, and send it."""
    form = re.search(r"<form[^>]* action=\"([^\"]+)\"", page.text)
    assert form is not None, page.text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page.text)
    fields: dict[str, Any] = {**dict(hidden), **typed}
    return visitor.web.post(html.unescape(form[1]), data=fields, timeout=10)


def asked_to_consent(visitor: Visitor, who: str) -> requests.Response:
    """Sign in at the provider: its page that asks whether Jalon may know one's address."""
    return sent(visitor, visitor.web.get(visitor.begin(), timeout=10), login=who, password="…")


def test_a_person_enters_and_leaves_by_a_certified_provider(house: House) -> None:
    visitor = Visitor(house)
    consent = asked_to_consent(visitor, "nadia")
    arrived = sent(visitor, consent)
    assert (arrived.status_code, visitor.name) == (200, "Nadia Ferrand")
    assert arrived.url.startswith(house.address)
    assert house.facts("account:identity_linked") == [{"email": OPERATOR, "issuer": house.issuer}]
    visitor.post("/deconnexion", "/compte")
    assert visitor.name is None
    leaving = visitor.open("/deconnexion/fournisseur")
    assert leaving.url.startswith(house.issuer)
    left = sent(visitor, leaving, logout="yes")
    assert left.url.startswith(f"{house.address}/connexion")
    assert "login" in visitor.web.get(visitor.begin(), timeout=10).text, "one signs in anew there"


def test_an_address_that_a_certified_provider_did_not_verify_opens_nothing(house: House) -> None:
    visitor = Visitor(house)
    arrived = sent(visitor, asked_to_consent(visitor, "quelquun"))
    assert "n’a pas vérifié votre adresse" in html.unescape(arrived.text)
    assert visitor.name is None


def test_who_says_no_at_a_certified_provider_does_not_enter(house: House) -> None:
    visitor = Visitor(house)
    consent = asked_to_consent(visitor, "nadia")
    cancel = re.search(r'href="([^"]+/abort)"', consent.text)
    assert cancel is not None
    arrived = visitor.web.get(html.unescape(cancel[1]), timeout=10)
    assert (arrived.status_code, visitor.name) == (403, None)
