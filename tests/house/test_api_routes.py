"""Every route of the API says who may call it, and is documented."""

from __future__ import annotations

import re

import pytest
from flask import Flask

import api
from api.access import roles_of
from api.openapi import API
from workflow.domain.person import ROLES

PUBLIC = {
    "/api/v1/openapi.json",
    "/api/v1/register",
    "/api/v1/register/<number>",
    "/healthz",
    "/readyz",
}
"""All that anyone may call without an account: nothing is added here lightly."""


@pytest.fixture
def app() -> Flask:
    """The API alone; nothing of it is called here."""
    bare = Flask("bare", static_folder=None)
    api.register(bare)
    return bare


def test_every_route_names_its_roles(app: Flask) -> None:
    silent = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if roles_of(app.view_functions[rule.endpoint]) is None
    ]
    assert silent == []


def test_what_is_public_is_listed(app: Flask) -> None:
    found = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if roles_of(app.view_functions[rule.endpoint]) == frozenset()
    }
    assert found == PUBLIC


def test_every_route_belongs_to_a_part_that_enforces_its_roles(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        part = rule.endpoint.split(".")[0]
        assert app.before_request_funcs.get(part), rule.rule


def test_every_route_is_documented_with_its_roles_or_as_public(app: Flask) -> None:
    paths = app.extensions[API].spec.to_dict()["paths"]
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1"):
            continue
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = paths[path][method.lower()]
            roles = roles_of(app.view_functions[rule.endpoint])
            documented = operation.get("x-roles", [])
            assert set(documented) == roles, rule.rule
            assert set(documented) <= set(ROLES)
            assert ("security" in operation) == (not documented)
            assert operation["summary"]
