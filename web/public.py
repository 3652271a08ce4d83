"""What everyone may see without an account: the register, and the check of a listing number."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)

from web.language import _l
from web.runtime import now, runtime
from web.signed_in import signed_in
from workflow.clock import PARIS
from workflow.domain import listing
from workflow.domain.listing import Listing

part = Blueprint("public", __name__)

PROFILE_NAMES = {"general": _l("Général"), "bal_app": _l("BAL applicatives")}
COLUMNS = (
    "number",
    "dsr",
    "service_name",
    "service_version",
    "company_name",
    "profiles",
    "listed_on",
    "status",
)
_LONGEST_NUMBER = 60
_PAGE = 1000
_EXAMPLE_STEM = "OPE-MSS-2022-0001"
EXAMPLE = f"{_EXAMPLE_STEM}-{listing.check_digits(_EXAMPLE_STEM)}"


@part.app_template_filter("profile_names")
def profile_names(profiles: Sequence[str]) -> str:
    """*Général, BAL applicatives*."""
    return ", ".join(str(PROFILE_NAMES.get(profile, profile)) for profile in profiles)


@part.get("/")
def front() -> Any:
    """Where everyone starts: their home, or the sign-in page."""
    if signed_in() is None:
        return redirect(url_for("accounts.sign_in"))
    has_home = "home.index" in current_app.view_functions
    return redirect(url_for("home.index" if has_home else "public.register"))


@part.get("/registre")
def register() -> Any:
    """The listed services, searched by words and profile."""
    words, profile = request.args.get("q", "").strip(), request.args.get("profil", "")
    entries = _published()
    shown = [entry for entry in entries if _matches(entry, words, profile)]
    return render_template(
        "register.html",
        entries=shown,
        total=len(entries),
        suspended=sum(entry.status == "suspended" for entry in entries),
        revoked=sum(entry.status == "revoked" for entry in entries),
        q=words,
        profile=profile,
        profiles=PROFILE_NAMES,
        today=now(),
    )


@part.get("/registre.csv")
def register_csv() -> Response:
    """The register as a table, as French spreadsheets read it: UTF-8 with its mark, semicolons."""
    text = io.StringIO()
    writer: csv.DictWriter[str] = csv.DictWriter(
        text, COLUMNS, delimiter=";", lineterminator="\r\n"
    )
    writer.writeheader()
    for row in _rows():
        writer.writerow({**row, "profiles": " ".join(row["profiles"])} | _inert(row))
    return Response(
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="registre.csv"'},
    )


@part.get("/registre.json")
def register_json() -> Response:
    """The register as JSON, with the instant at which it was read."""
    return jsonify(as_of=now().astimezone(PARIS).isoformat(timespec="seconds"), services=_rows())


@part.get("/verifier")
def verify() -> Any:
    """Ask for a listing number."""
    number = _normal(request.args.get("numero", ""))
    if number:
        return redirect(url_for("public.verify_number", number=number))
    return render_template("verify.html", number="", outcome=None, example=EXAMPLE, today=now())


@part.get("/verifier/<number>")
def verify_number(number: str) -> Any:
    """Say whether a number is listed, unknown, or mistyped."""
    normal = _normal(number)
    found: Listing | None = None
    if not listing.is_valid_number(normal):
        outcome = "mistyped"
    else:
        with runtime().database.reading() as session:
            found = listing.find(session, normal)
            session.expunge_all()
        outcome = found.status if found else "unknown"
    page = render_template(
        "verify.html",
        number=normal,
        outcome=outcome,
        listing=found,
        example=EXAMPLE,
        today=now(),
    )
    return page, 200 if found else 404


def _published() -> list[Listing]:
    entries: list[Listing] = []
    with runtime().database.reading() as session:
        while page := listing.register(session, limit=_PAGE, offset=len(entries)):
            entries += page
        session.expunge_all()
    return sorted(entries, key=lambda entry: (entry.service_name.casefold(), entry.number))


def _rows() -> list[dict[str, Any]]:
    return [
        {name: getattr(entry, name) for name in COLUMNS}
        | {"listed_on": entry.listed_on.isoformat()}
        for entry in _published()
    ]


def _inert(row: dict[str, Any]) -> dict[str, str]:
    # A spreadsheet takes a cell that begins like this for a formula.
    names = ("service_name", "service_version", "company_name")
    return {name: f"'{row[name]}" for name in names if row[name].startswith(("=", "+", "-", "@"))}


def _matches(entry: Listing, words: str, profile: str) -> bool:
    text = f"{entry.service_name} {entry.service_version} {entry.company_name} {entry.number}"
    found = all(word in text.casefold() for word in words.casefold().split())
    return found and (not profile or profile in entry.profiles)


def _normal(number: str) -> str:
    return listing.normalised(number)[:_LONGEST_NUMBER]
