"""A deployment that is set up wrongly is told so."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow.db import Database
from workflow.errors import InvalidInput
from workflow.settings import InvalidSetting, Settings


def test_without_anything_set_the_embedded_database_is_used() -> None:
    settings = Settings.from_environment({"HOME": "/", "OTHER": "x"})
    assert settings == Settings()
    assert settings.database_url.startswith("sqlite:///")


def test_each_setting_is_read_as_what_it_is() -> None:
    settings = Settings.from_environment(
        {"JALON_PORT": "8080", "JALON_SECURE_COOKIES": "true", "JALON_PROOFS_FOLDER": "files"}
    )
    assert settings.port == 8080
    assert settings.secure_cookies is True
    assert settings.proofs_folder == Path("files")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("JALON_PROT", "8000"),
        ("JALON_", "x"),
        ("JALON_PORT", "eighty"),
        ("JALON_PORT", ""),
        ("JALON_PORT", "0"),
        ("JALON_PORT", "-1"),
        ("JALON_PORT", "65536"),
        ("JALON_PORT", "٨٠٨٠"),
        ("JALON_PORT", "9" * 5000),
        ("JALON_THREADS", "1001"),
        ("JALON_SWEEP_SECONDS", "1.5"),
        ("JALON_SECURE_COOKIES", "yes"),
        ("JALON_SECURE_COOKIES", "True"),
        ("JALON_SMTP_SECURITY", "ssl"),
        ("JALON_SMTP_SECURITY", ""),
    ],
)
def test_a_wrong_setting_is_named(name: str, text: str) -> None:
    with pytest.raises(InvalidSetting, match=name) as refusal:
        Settings.from_environment({name: text})
    assert refusal.value.code == "invalid_setting"
    assert len(str(refusal.value)) < 800


def test_a_password_never_travels_without_tls() -> None:
    known = {"JALON_SMTP_USER": "jalon", "JALON_SMTP_PASSWORD": "secret"}
    with pytest.raises(InvalidSetting, match="JALON_SMTP_SECURITY") as refusal:
        Settings.from_environment(known)
    assert "secret" not in str(refusal.value)
    safe = Settings.from_environment({**known, "JALON_SMTP_SECURITY": "starttls"})
    assert safe.smtp_user == "jalon"


@pytest.mark.parametrize("url", ["mysql://localhost/jalon", "jalon.sqlite3", "", "postgresql"])
def test_a_database_of_another_kind_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(InvalidInput, match="JALON_DATABASE_URL"):
        Database(url)


@pytest.mark.parametrize("kind", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_postgresql_address_needs_no_driver_in_it(kind: str) -> None:
    assert Database(f"{kind}://host/jalon").engine.dialect.driver == "psycopg"
