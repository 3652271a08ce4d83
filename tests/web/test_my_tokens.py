"""One's own access tokens, made and revoked on a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from stage import AUDITOR, INSTRUCTOR

if TYPE_CHECKING:
    from tests.web.conftest import Browser


def test_a_token_is_shown_once_acts_for_its_maker_and_is_revoked(
    signed_in: Callable[[str], Browser],
) -> None:
    auditor = signed_in(AUDITOR)
    assert "aucun programme n’agit pour vous" in auditor.open("/compte/jetons")
    assert "Dites à quoi il sert" in auditor.post("/compte/jetons", label=" ")
    assert auditor.page.status_code == 422
    made = auditor.post("/compte/jetons", label="Export du soir")
    assert auditor.page.headers["Cache-Control"] == "no-store"
    found = re.search(r'class="mono copy">([^<]+)<', made)
    assert found
    bearer = {"Authorization": f"Bearer {found[1]}"}
    program = auditor.client.application.test_client()
    assert program.get("/api/v1/me", headers=bearer).get_json()["roles"] == ["auditor"]
    listed = auditor.open("/compte/jetons")
    assert "Export du soir" in listed
    assert found[1] not in listed
    address = re.search(r'href="(/compte/jetons/\d+/revoquer)"', listed)
    assert address
    assert signed_in(INSTRUCTOR).client.get(address[1]).status_code == 404
    auditor.open(address[1])
    assert "Jeton révoqué" in auditor.post(address[1])
    assert program.get("/api/v1/me", headers=bearer).status_code == 401
