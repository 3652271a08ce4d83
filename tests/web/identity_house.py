"""Jalon served beside an identity provider, and someone at a browser that knows both."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from web.app import create_app
from web.demo_accounts import add_demo_accounts
from workflow.audit_log import AuditEntry
from workflow.clock import VirtualClock
from workflow.engine.runtime import Runtime

SUBJECT = "f3b0-17"


@dataclass
class House:
    """Jalon and the provider, both served."""

    address: str
    issuer: str
    app: Flask
    runtime: Runtime

    def knows(self, subject: str, **claims: Any) -> None:
        """Let the provider know someone; a second time changes what it says of them."""
        done = requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=10)
        assert done.status_code < 300, done.text

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """What the history keeps of a kind."""
        with self.runtime.database.reading() as session:
            rows = session.scalars(select(AuditEntry).where(AuditEntry.kind == kind))
            return [row.facts for row in rows]


@dataclass
class Visitor:
    """Someone at a browser that knows both addresses."""

    house: House
    web: requests.Session = field(default_factory=requests.Session)

    def open(self, path: str, **arguments: Any) -> requests.Response:
        """A page of Jalon."""
        return self.web.get(self.house.address + path, timeout=10, **arguments)

    def begin(self, path: str = "/connexion/fournisseur") -> str:
        """Ask to enter by the provider: the address of its own page."""
        return self.open(path, allow_redirects=False).headers["Location"]

    def consent(self, page: str, subject: str = SUBJECT) -> str:
        """Sign in at the provider: the address of the return."""
        done = self.web.post(page, data={"sub": subject}, allow_redirects=False, timeout=10)
        return done.headers["Location"]

    def enter(self, subject: str = SUBJECT) -> requests.Response:
        """The whole way; the page on which one arrives."""
        return self.web.get(self.consent(self.begin(), subject), timeout=10)

    @property
    def name(self) -> str | None:
        """Who Jalon thinks is here."""
        found = re.search(r'<strong class="d-block">([^<]+)', self.open("/compte").text)
        return html.unescape(found[1]) if found else None

    def post(self, path: str, form: str, **fields: str) -> requests.Response:
        """Send a form found on the page `form`."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.open(form).text)
        assert token is not None
        data = {"csrf_token": token[1], **fields}
        return self.web.post(self.house.address + path, data=data, timeout=10)


def serve(runtime: Runtime, clock: VirtualClock, issuer: str, **given: Any) -> Iterator[House]:
    with runtime.database.transaction() as session:
        add_demo_accounts(session, clock.now())
    runtime.settings = replace(
        runtime.settings,
        oidc_issuer=issuer,
        oidc_client_id="jalon",
        oidc_client_secret="secret of tests",
        oidc_name="Portail ANS",
        **given,
    )
    app = create_app(runtime, demo=False, system_clock=clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    runtime.settings = replace(runtime.settings, base_url=address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield House(address, issuer, app, runtime)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
