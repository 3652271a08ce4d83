"""The page on which a candidature is prepared and deposited, and what is listed of its drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from web import answering, known_answers
from web.campaign_view import (
    campaign_choices,
    campaigns_in_force,
    deposit_window,
    last_moment,
)
from web.draft_view import DraftPlace, ShownDraft, counted, posted, saved_words, told
from web.form_progress import Progress, progress_of
from web.forms_render import shown_form
from web.known_answers import KnownAnswers
from web.language import _
from web.runtime import now, runtime
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.engine.deposit_drafts import DepositPlace, Prepared
from workflow.engine.draft import Draft
from workflow.engine.forms import Form
from workflow.engine.runtime import Runtime

PROCESS = "dossier"
DEPOSIT, REAPPLY = "deposit_dossier", "reapply"
REREAD = "~reread"
"""The box by which one says that what is taken over was read again."""

Answer = dict[str, Any]


@dataclass(frozen=True)
class Begun:
    """A candidature in preparation, as lists tell it."""

    id: str
    address: str
    name: str
    said: str
    progress: Progress
    campaign: Campaign | None = None
    last_moment: datetime | None = None


@dataclass(frozen=True)
class Candidature:
    """What the page is about; `source` is the dossier that it takes over, `others` are begun."""

    form: Form
    place: DepositPlace
    campaign: Campaign | None
    source: Dossier | None
    known: KnownAnswers
    draft: Draft | None = None
    others: list[Begun] = field(default_factory=list[Begun])

    @property
    def is_again(self) -> bool:
        """Whether it goes on from the proofs of a refused dossier (DSR 4.5)."""
        return self.form.key == REAPPLY

    @property
    def draft_place(self) -> DraftPlace:
        """Where its draft is saved and shown again."""
        if self.is_again and self.source is not None:
            save = url_for("dossiers.save_reapplication", number=self.source.number)
        else:
            campaign = self.campaign.id if self.campaign else None
            source = self.source.number if self.source else None
            save = url_for("dossiers.save_deposit", campagne=campaign, reprise=source)
        return DraftPlace(save, address_of(self.place), self.place.id)

    def opened_with(self) -> Answer:
        """The answers of the page when nothing is posted: as saved, over what is known."""
        dsr = {"dsr": self.campaign.dsr} if self.campaign and not self.is_again else {}
        saved = self.draft.answer if self.draft else {}
        return {**dsr, **known_answers.values_of(self.known), **saved}

    def must_be_reread(self, answer: Mapping[str, Any]) -> bool:
        """Whether something that an earlier dossier said is said again as it was."""
        if self.source is None:
            return False
        # A new attempt says again of company, people and service all that it does not ask.
        return self.is_again or bool(known_answers.origins_of(self.known, answer))


def known_answers_of(
    session: Session, form_key: str, source: Dossier | None, actor: Actor
) -> KnownAnswers:
    """What the page is opened with, and where it comes from."""
    if form_key == REAPPLY and source is not None:
        previous = known_answers.Known(source.number, "")
        again = known_answers.of_dossier(source, ("service_version",))
        return {"previous": previous, **again}
    known = known_answers.of_company(session, actor)
    if source is not None:
        known |= known_answers.of_dossier(source, known_answers.OF_A_DOSSIER)
    return known


def address_of(place: DepositPlace) -> str:
    """The page of a candidature in preparation."""
    if place.form_key == REAPPLY and place.previous:
        return url_for("dossiers.reapply", number=place.previous, brouillon=place.id)
    return url_for("dossiers.deposit", brouillon=place.id)


def begun_of(session: Session, runtime: Runtime, found: Prepared) -> Begun:
    """What a list says of a candidature in preparation."""
    answer, place = found.draft.answer, found.place
    named = [str(answer.get(key) or "").strip() for key in ("service_name", "service_version")]
    name = " ".join(each for each in named if each)
    if not name and place.previous:
        name = _("nouvelle candidature du dossier %(number)s", number=place.previous)
    known = campaigns_in_force(session, runtime)
    campaign = next((each for each in known if each.id == place.campaign_id), None)
    return Begun(
        place.id,
        address_of(place),
        name or _("Service sans nom"),
        saved_words(found.draft),
        progress_of(runtime.forms.get(place.form_key), answer),
        campaign,
        last_moment(campaign) if campaign and place.form_key == DEPOSIT else None,
    )


def page(
    candidature: Candidature,
    answer: Answer | None,
    faults: dict[str, list[str]],
    status: int,
    *,
    draft: ShownDraft | None = None,
) -> Any:
    """The page as it was saved, or with what was typed and its faults."""
    place = candidature.draft_place
    typed = candidature.opened_with() if answer is None else answer
    origins = known_answers.origins_of(candidature.known, typed)
    in_form = {key: sentences for key, sentences in faults.items() if key != REREAD}
    shown = shown_form(candidature.form, typed, in_form, origins=origins)
    if REREAD in faults:
        shown = replace(shown, faults=[*shown.faults, ("f-reread", faults[REREAD][0])])
    if draft is None:
        saved = candidature.draft
        known = told(place, saved) if answer is None and saved else None
        draft = known or posted(place)
        draft = replace(draft, **counted(candidature.form, typed))
    campaign = candidature.campaign
    with runtime().database.reading() as session:
        rendered = render_template(
            "dossiers/deposit.html",
            shown=shown,
            draft=draft,
            candidature=candidature,
            must_be_reread=candidature.must_be_reread(typed),
            reread_fault=faults.get(REREAD),
            consequence=_("Le dépôt n'est pas fait"),
            campaign=campaign,
            choices=[]
            if candidature.source or candidature.draft
            else campaign_choices(session, runtime(), campaign),
            window=deposit_window(campaign, now()) if campaign else "open",
            last_moment=last_moment(campaign) if campaign else None,
            previous=candidature.source.number
            if candidature.is_again and candidature.source
            else None,
            key=answering.act_key(),
        )
    return rendered, status


def already(number: str, status: int) -> Any:
    """The page of a candidature that was deposited: what comes back late changes nothing."""
    return render_template("dossiers/already_deposited.html", number=number), status
