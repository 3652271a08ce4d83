"""What the tests of the pages share: an application on a real SQLite database, with people."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import web
from api.context import RUNTIME, SYSTEM_CLOCK
from web.app import create_app
from web.demo_accounts import DEMO_PASSWORD, add_demo_accounts
from web.security import limiter
from workflow.clock import PARIS, VirtualClock
from workflow.db import Database
from workflow.domain import passwords
from workflow.domain.file_store import FolderStore
from workflow.engine.forms import Forms
from workflow.engine.runtime import Runtime
from workflow.settings import PROJECT, Settings

TRANSLATIONS = Path(web.__file__).parent / "translations"


@pytest.fixture(scope="session", autouse=True)
def cheap_hashing() -> Iterator[None]:
    """Passwords are hashed cheaply, so that tests sign in quickly."""
    costly = passwords.HASHER
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    passwords.HASHER = costly


@pytest.fixture(scope="session", autouse=True)
def english_words() -> None:
    """The English words, compiled as the set-up does it."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = source.with_suffix(f".{os.getpid()}.mo")
        with source.open("rb") as words, fresh.open("wb") as target:
            write_mo(target, read_po(words))
        fresh.replace(compiled)


@pytest.fixture
def runtime(sqlite_database: Database, tmp_path: Path) -> Runtime:
    """A runtime on an empty SQLite file, on Thursday 3 November 2022 at 9:40 in Paris."""
    clock = VirtualClock(datetime(2022, 11, 3, 9, 40, tzinfo=PARIS))
    return Runtime(
        database=sqlite_database,
        clock=clock,
        forms=Forms.load(PROJECT / "forms"),
        files=FolderStore(tmp_path / "proofs"),
        settings=Settings(secret_key="for tests only"),
    )


@pytest.fixture
def system_clock() -> VirtualClock:
    """The machine's clock of sessions and tokens, which a test may move."""
    return VirtualClock(datetime(2026, 1, 5, 9, 0, tzinfo=PARIS))


@pytest.fixture(scope="session")
def shared_app(english_words: None) -> Flask:
    """One application for all tests of a process: routes and templates are compiled once."""
    runtime = Runtime(
        database=Database("sqlite://"),
        clock=VirtualClock(datetime(2022, 11, 3, 9, 40, tzinfo=PARIS)),
        forms=Forms.load(PROJECT / "forms"),
        files=FolderStore(PROJECT / "var" / "no files"),
        settings=Settings(secret_key="for tests only"),
    )
    return create_app(runtime, demo=False)


@pytest.fixture
def app(runtime: Runtime, system_clock: VirtualClock, shared_app: Flask) -> Iterator[Flask]:
    """The application outside the demo, with the demo's people in its database."""
    with runtime.database.transaction() as session:
        add_demo_accounts(session, system_clock.now())
    config = dict(shared_app.config)
    shared_app.extensions.update({RUNTIME: runtime, SYSTEM_CLOCK: system_clock})
    shared_app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    limiter.reset()
    yield shared_app
    shared_app.config.clear()
    shared_app.config.update(config)


@dataclass
class Browser:
    """Someone at their browser: cookies, and the last page read."""

    client: FlaskClient
    page: TestResponse = field(init=False, repr=False)

    def open(self, address: str, **arguments: Any) -> str:
        """Open a page, following redirections; gives its text."""
        self.page = self.client.get(address, follow_redirects=True, **arguments)
        return self.text

    def post(self, address: str, **fields: Any) -> str:
        """Send a form with the token of the last page; gives the text of the answer."""
        # `token=""` sends no valid token; `fields` may hold lists and names with a colon.
        token = fields.pop("token") if "token" in fields else self.token
        fields = {**fields.pop("more", {}), **fields}
        data = {"csrf_token": token, **fields}
        self.page = self.client.post(address, data=data, follow_redirects=True)
        return self.text

    def sign_in(self, email: str, password: str = DEMO_PASSWORD, **fields: Any) -> str:
        """Sign in through the sign-in page."""
        self.open("/connexion")
        return self.post("/connexion", email=email, password=password, **fields)

    @property
    def text(self) -> str:
        """The page's text, entities read and unbreakable spaces made plain."""
        plain = html.unescape(self.page.text)
        return re.sub("[\u00a0\u202f]", " ", plain)

    @property
    def token(self) -> str:
        """The token of the first form of the last page."""
        shown = self.page.text if hasattr(self, "page") else ""
        found = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        return found[1] if found else ""


@pytest.fixture
def browser_of() -> Callable[[Flask], Browser]:
    """A visitor of any application: `browser_of(app)`."""
    return lambda app: Browser(app.test_client())


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A visitor who has not signed in."""
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """Someone at work: `signed_in(OPERATOR)`."""

    def sign_in(email: str) -> Browser:
        browser = Browser(app.test_client())
        browser.sign_in(email)
        return browser

    return sign_in
