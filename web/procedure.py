"""The procedure as anybody may read it: in words, and drawn, as it is deployed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from markupsafe import Markup, escape

from web.cacheable import cacheable
from web.campaign_view import campaign_at_hand, campaign_choices, last_moment
from web.dossier_words import WEEKDAYS
from web.language import language
from web.procedure_source import source_in_force
from web.procedure_view import MACRO, procedure_of, process_of
from web.procedure_words import catalogue, french
from web.process_drawing import drawing_of
from web.process_text import process_text
from web.runtime import runtime
from workflow.errors import NotFound

PUBLIC_CATALOGUE = "en-public.po"
"""Beside the diagrams: the English of their documentation, as far as this page shows it."""

part = Blueprint("procedure", __name__)


@part.app_template_filter("documented")
def documented(text: str) -> Markup:
    """A sentence of a diagram's documentation in the reader's language; else French, marked."""
    if language() != "fr":
        found = catalogue(runtime().settings.bpmn_folder / PUBLIC_CATALOGUE).get(text)
        if found:
            return escape(found)
    return french(text)


@part.get("/procedure")
def show() -> Any:
    """Every phase in words: what happens, who acts, by when, what follows otherwise."""
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
        choices = campaign_choices(session, runtime(), campaign)
        source = source_in_force(session)
    told = procedure_of(source, campaign)
    plane = source.planes.get(MACRO)
    return cacheable(
        render_template(
            "procedure/index.html",
            told=told,
            campaign=campaign,
            choices=choices,
            last_moment=last_moment(campaign),
            weekday=WEEKDAYS.get(campaign.college.weekday),
            drawing=drawing_of(told.process, plane) if plane else None,
        )
    )


@part.get("/procedure/<process_id>")
def phase(process_id: str) -> Any:
    """One phase, drawn, with every step of its diagram in words."""
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
        source = source_in_force(session)
    process = process_of(source, process_id)
    told = procedure_of(source, campaign)
    if process.id not in {each.process.id for each in told.phases}:
        raise NotFound(f"Expected a phase of the procedure but {process_id!r} is none.")
    plane = source.planes.get(process.id)
    links = {
        each.id: each.called_process
        for each in process.elements.values()
        if each.called_process in source.processes
    }
    return cacheable(
        render_template(
            "procedure/phase.html",
            process=process,
            about=source.about(process),
            steps=process_text(process),
            links=links,
            drawing=drawing_of(process, plane) if plane else None,
        )
    )
