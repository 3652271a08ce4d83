"""The campaign in pictures: throughput, ages, times, decisions and the work ahead (DSR 4.9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, render_template
from flask_login import login_required
from sqlalchemy.orm import Session

from web.access import require_agency
from web.campaign_view import campaign_at_hand, campaign_choices
from web.chart import Chart, Line, lines_of_time
from web.dossier_words import DECISIONS
from web.language import _, _n, language
from web.runtime import now, runtime
from web.signed_in import actor
from web.words import duration_words, table_date
from workflow.clock import paris_date
from workflow.domain import workload
from workflow.domain.campaign import Campaign
from workflow.errors import NotFound

FEWEST_WEEKS = 8

part = Blueprint("steering", __name__)


@part.get("/pilotage")
@login_required
def index() -> Any:
    """Every chart of a campaign."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
        spent = workload.time_spent(session, campaign.id)
        return render_template(
            "steering/index.html",
            campaign=campaign,
            choices=campaign_choices(session, runtime(), campaign),
            charts=list(_charts(session, campaign, spent)),
            spent=spent,
            spent_lines=_medians(spent),
            present=now(),
        )


@part.get("/pilotage/<key>.csv")
@login_required
def numbers(key: str) -> Response:
    """The numbers of one chart."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
        charts = _charts(session, campaign, workload.time_spent(session, campaign.id))
        found = next((each for each in charts if each.key == key), None)
    if found is None:
        raise NotFound(f"Expected a chart but {key!r} is none. Choose one on the page.")
    return Response(
        "\ufeff" + found.as_csv(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{key}.csv"'},
    )


def _charts(
    session: Session, campaign: Campaign, spent: workload.TimeSpent | None
) -> Iterator[Chart]:
    yield from _throughput(session, campaign)
    yield _ages(session, campaign)
    yield _ahead(session, campaign)
    yield from _times(spent)
    yield from _decisions(session, campaign)


def _throughput(session: Session, campaign: Campaign) -> Iterator[Chart]:
    weeks = _since_opening(workload.weeks(session, campaign.id, now()), campaign)
    days = [table_date(week.starts_on) for week in weeks]
    heading = _("Semaine du")
    for key, title, unit, values in (
        (
            "depots",
            _("Candidatures déposées par semaine"),
            _("Déposées"),
            [w.deposited for w in weeks],
        ),
        (
            "dossiers-complets",
            _("Dossiers de preuves complets par semaine"),
            _("Complets"),
            [w.completed for w in weeks],
        ),
        ("decisions", _("Décisions par semaine"), _("Décisions"), [w.decided for w in weeks]),
    ):
        numbers_by_day = list(zip(days, values, strict=True))
        note = _("%(all)s en tout, dont %(now)s cette semaine.", all=sum(values), now=values[-1])
        yield Chart(key, title, heading, unit, numbers_by_day, note, is_dated=True, ends_now=True)


def _ages(session: Session, campaign: Campaign) -> Chart:
    counts = workload.ages(session, campaign.id, now())
    return Chart(
        "ages",
        _("Âge des dossiers ouverts"),
        _("Jours depuis le dépôt"),
        _("Dossiers"),
        list(zip(_spans(workload.AGES), counts, strict=True)),
        _n(
            "%(num)s dossier ouvert, depuis son dépôt.",
            "%(num)s dossiers ouverts, depuis leur dépôt.",
            sum(counts),
        ),
    )


def _medians(spent: workload.TimeSpent | None) -> list[Line]:
    if spent is None:
        return []
    times = ((_("À l'ANS"), spent.agency), (_("Chez l'opérateur"), spent.operator))
    return lines_of_time([(label, time, duration_words(time, language())) for label, time in times])


def _times(spent: workload.TimeSpent | None) -> Iterator[Chart]:
    labels = _spans(workload.TIMES)
    nothing = [0] * len(labels)
    for key, title, counts in (
        ("temps-ans", _("Temps à l'ANS"), spent.agency_counts if spent else nothing),
        (
            "temps-operateur",
            _("Temps chez l'opérateur"),
            spent.operator_counts if spent else nothing,
        ),
    ):
        yield Chart(
            key,
            title,
            _("Jours, du dossier complet à la décision"),
            _("Dossiers"),
            list(zip(labels, counts, strict=True)),
            _("Dernières décisions ; le décompte suspendu est le temps de l'opérateur."),
        )


def _spans(bounds: Sequence[int]) -> list[str]:
    """Spans of whole days up to each bound, then longer ones, in words."""
    spans = [_("%(low)s à %(high)s j", low=low, high=high - 1) for low, high in pairwise(bounds)]
    return [
        _("moins de %(days)s j", days=bounds[0]),
        *spans,
        _("%(days)s j et plus", days=bounds[-1]),
    ]


def _since_opening(weeks: list[workload.Week], campaign: Campaign) -> list[workload.Week]:
    """The weeks since a campaign opened, a few at least: before it nothing could come."""
    opened = workload.monday_of(paris_date(campaign.opens_at))
    since = [week for week in weeks if week.starts_on >= opened]
    return weeks[-max(len(since), FEWEST_WEEKS) :]


def _ahead(session: Session, campaign: Campaign) -> Chart:
    planned = workload.expected_proof_files(session, campaign.id, now())
    return Chart(
        "charge-a-venir",
        _("Dossiers de preuves attendus"),
        _("Semaine du"),
        _("Attendus"),
        [(table_date(day), count) for day, count in planned],
        _("D'après la date prévue par chaque opérateur ; une date passée compte cette semaine."),
        is_dated=True,
    )


def _decisions(session: Session, campaign: Campaign) -> Iterator[Chart]:
    found = workload.decisions_by_profile(session, campaign.id)
    for profile in campaign.profiles:
        counts = found.get(profile)
        if counts:
            yield Chart(
                f"decisions-{profile}".replace("_", "-"),
                _("Décisions, profil %(name)s", name=campaign.profile_name(profile, language())),
                _("Décision"),
                _("Dossiers"),
                [(str(look.words), counts[outcome]) for outcome, look in DECISIONS.items()],
                _n("%(num)s décision.", "%(num)s décisions.", sum(counts.values())),
            )
