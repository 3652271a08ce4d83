"""What everyone may see without an account: the register, and the check of a listing number."""

from __future__ import annotations

from collections import Counter
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
from sqlalchemy.orm import Session

from web import register_view as view
from web.cacheable import cacheable
from web.campaign_view import current_campaign
from web.register_search import RegisterQuery, search
from web.register_state import looks_of, register_at
from web.register_view import AsOf
from web.runtime import now, runtime
from web.signed_in import signed_in
from workflow.domain import document, listing
from workflow.domain import register as registers
from workflow.domain.register import RegisterEntry
from workflow.errors import InvalidInput

part = Blueprint("public", __name__)

_LONGEST_NUMBER = 60
_LONGEST_DSR = 80
ANNOUNCED = "annonces"
FIRST_ANNOUNCED = 30


@part.get("/")
def front() -> Any:
    """Where everyone starts: their home, or the sign-in page."""
    if signed_in() is None:
        return redirect(url_for("accounts.sign_in"))
    has_home = "home.index" in current_app.view_functions
    return redirect(url_for("home.index" if has_home else "public.register"))


@part.get("/registre")
def register() -> Any:
    """The listed services on a day: searched, narrowed by facets, sorted, by pages."""
    state = _state("au")
    with runtime().database.reading() as session:
        stood = register_at(session, state)
        announced = registers.announced(session, state.at, _dsr())
    found = search(stood, RegisterQuery.read(request.args, state))
    statuses = Counter(entry.status for entry in stood.entries)
    return cacheable(
        render_template(
            "register.html",
            found=found,
            query=found.query,
            statuses=statuses,
            announced=announced if request.args.get(ANNOUNCED) else announced[:FIRST_ANNOUNCED],
            more_announced=max(0, len(announced) - FIRST_ANNOUNCED),
            state=state,
            today=now(),
        )
    )


@part.get("/registre/comparer")
def compare_register() -> Any:
    """What the register gained and lost between the ends of two days."""
    dsr = _dsr()
    later = _state("au")
    earlier = _state("du") if request.args.get("du") else None
    comparison = None
    if earlier is not None:
        if earlier.at > later.at:
            raise InvalidInput(
                f"Expected two days in order but {earlier.day} is after {later.day}. Swap them."
            )
        comparison = registers.compare(_entries(earlier, dsr), _entries(later, dsr))
    return render_template(
        "register_compare.html",
        comparison=comparison,
        earlier=earlier,
        later=later,
        dsr=dsr or "",
        today=now(),
    )


@part.get("/registre.csv")
def register_csv() -> Response:
    """The register as a table, narrowed as its page is."""
    return cacheable(
        Response(
            view.as_csv(_asked(_state("au"))),
            mimetype="text/csv",
            headers={"Content-Disposition": 'attachment; filename="registre.csv"'},
        )
    )


@part.get("/registre.json")
def register_json() -> Response:
    """The register as JSON, narrowed as its page is, with the instant at which it stood so."""
    state = _state("au")
    return cacheable(jsonify(as_of=view.as_of_text(state), services=view.rows(_asked(state))))


@part.get("/verifier")
def verify() -> Any:
    """Ask for a listing number."""
    number = _normal(request.args.get("numero", ""))
    if number:
        return redirect(url_for("public.verify_number", number=number))
    return render_template("verify.html", number="", outcome=None, **example_number(), today=now())


@part.get("/verifier/<number>")
def verify_number(number: str) -> Any:
    """Say whether a number is listed, unknown, or mistyped."""
    normal = _normal(number)
    if document.is_code(normal):
        return redirect(url_for("verification.of_code", code=normal))
    with runtime().database.reading() as session:
        is_valid = listing.is_valid_number(normal)
        found = listing.find(session, normal) if is_valid else None
        read = None if found else _looks_like(session, normal)
        session.expunge_all()
    if read is not None:
        return redirect(url_for(".verify_number", number=read, lu=number[:_LONGEST_NUMBER]))
    page = render_template(
        "verify.html",
        number=normal,
        outcome=found.status if found else "unknown" if is_valid else "mistyped",
        listing=found,
        typed=request.args.get("lu", "")[:_LONGEST_NUMBER] if found else "",
        **example_number(),
        today=now(),
    )
    return page, 200 if found else 404


def _looks_like(session: Session, number: str) -> str | None:
    """The listed number that a typed one can only be: characters taken for one another."""
    known = register_at(session, view.as_of("", now()))
    return known.numbers.get(looks_of(number))


def _asked(state: AsOf) -> list[RegisterEntry]:
    with runtime().database.reading() as session:
        stood = register_at(session, state)
    return search(stood, RegisterQuery.read(request.args, state)).entries


def _state(name: str) -> AsOf:
    return view.as_of(request.args.get(name, "").strip(), now())


def _dsr() -> str | None:
    return request.args.get("dsr", "").strip()[:_LONGEST_DSR] or None


def _entries(state: AsOf, dsr: str | None = None) -> list[RegisterEntry]:
    with runtime().database.reading() as session:
        return registers.entries(session, state.at, dsr)


def example_number() -> dict[str, str]:
    """A number as one of the campaign in force would be, and its first part."""
    with runtime().database.reading() as session:
        campaign = current_campaign(session, runtime())
        stem = f"{listing.series(campaign)}-0001" if campaign else "DSR-2022-0001"
    return {"example": f"{stem}-{listing.check_digits(stem)}", "series": stem[:-5]}


def _normal(number: str) -> str:
    return listing.normalised(number)[:_LONGEST_NUMBER]
