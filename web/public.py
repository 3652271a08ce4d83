"""What everyone may see without an account: the register, and the check of a listing number."""

from __future__ import annotations

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

from web import register_view as view
from web.campaign_view import current_campaign, profile_words
from web.register_view import AsOf
from web.runtime import now, runtime
from web.signed_in import signed_in
from workflow.domain import document, listing
from workflow.domain import register as registers
from workflow.domain.listing import Listing
from workflow.domain.register import AnnouncedDeposit, RegisterEntry
from workflow.errors import InvalidInput

part = Blueprint("public", __name__)

_LONGEST_NUMBER = 60
_LONGEST_DSR = 80


@part.get("/")
def front() -> Any:
    """Where everyone starts: their home, or the sign-in page."""
    if signed_in() is None:
        return redirect(url_for("accounts.sign_in"))
    has_home = "home.index" in current_app.view_functions
    return redirect(url_for("home.index" if has_home else "public.register"))


@part.get("/registre")
def register() -> Any:
    """The listed services on a day, searched by words, profile and DSR."""
    words, profile = request.args.get("q", "").strip(), request.args.get("profil", "")
    state, dsr = _state("au"), _dsr()
    everything = _entries(state)
    entries = [entry for entry in everything if dsr is None or entry.dsr == dsr]
    return render_template(
        "register.html",
        groups=view.by_dsr([entry for entry in entries if view.matches(entry, words, profile)]),
        total=len(entries),
        suspended=sum(entry.status == "suspended" for entry in entries),
        revoked=sum(entry.status == "revoked" for entry in entries),
        announced=_announced(state, dsr),
        dsrs=sorted({entry.dsr for entry in everything}),
        dsr=dsr or "",
        q=words,
        profile=profile,
        profiles=profile_words(dsr),
        state=state,
        today=now(),
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
    """The register as a table."""
    return Response(
        view.as_csv(_entries(_state("au"), _dsr())),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="registre.csv"'},
    )


@part.get("/registre.json")
def register_json() -> Response:
    """The register as JSON, with the instant at which it stood so."""
    state = _state("au")
    return jsonify(as_of=view.as_of_text(state), services=view.rows(_entries(state, _dsr())))


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
        **example_number(),
        today=now(),
    )
    return page, 200 if found else 404


def _state(name: str) -> AsOf:
    return view.as_of(request.args.get(name, "").strip(), now())


def _dsr() -> str | None:
    return request.args.get("dsr", "").strip()[:_LONGEST_DSR] or None


def _entries(state: AsOf, dsr: str | None = None) -> list[RegisterEntry]:
    with runtime().database.reading() as session:
        return registers.entries(session, state.at, dsr)


def _announced(state: AsOf, dsr: str | None) -> list[AnnouncedDeposit]:
    with runtime().database.reading() as session:
        return registers.announced(session, state.at, dsr)


def example_number() -> dict[str, str]:
    """A number as one of the campaign in force would be, and its first part."""
    with runtime().database.reading() as session:
        campaign = current_campaign(session, runtime())
        stem = f"{listing.series(campaign)}-0001" if campaign else "DSR-2022-0001"
    return {"example": f"{stem}-{listing.check_digits(stem)}", "series": stem[:-5]}


def _normal(number: str) -> str:
    return listing.normalised(number)[:_LONGEST_NUMBER]
