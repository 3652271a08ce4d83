"""Timers: a date that ``deadline`` computes, and nothing else (DESIGN §2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.feel_tree import (
    ISO_TEXT,
    argument,
    calls_of,
    constant_value,
    is_constant,
    literal_text,
    outcomes,
    tree,
    value_reason,
)
from workflow.engine.diagram_checks.graph import Node, definition_kind, text
from workflow.engine.diagram_checks.model import CampaignShape
from workflow.engine.diagram_checks.reading import BPMN
from workflow.engine.diagram_checks.rule import Finding, at, label, rule
from workflow.feel.syntax import Call, Chain, Filter, Literal, Name, Path
from workflow.feel.syntax import Node as FeelNode

ALWAYS_KNOWN = frozenset({"college", "closing"})
"""Deadline keys that every campaign has besides its delays."""
_PARAMETERS = ("key", "from", "remaining")
"""What ``deadline`` is called with, in order."""
_DATES = frozenset({"now", "today", "date", "date and time", "min", "max"})
"""The functions that give a date to count from."""
_EXAMPLE = 'deadline("solicitation_abandon", solicitation.sent_at)'


def _timers(deployment: Deployment) -> Iterator[tuple[Node, etree._Element]]:
    for node in deployment.nodes():
        for definition in node.definitions:
            if definition_kind(definition) == "timer":
                yield node, definition


def _dates(deployment: Deployment) -> Iterator[tuple[Node, str]]:
    for node, definition in _timers(deployment):
        date = definition.find(f"{{{BPMN}}}timeDate")
        if date is not None and text(date):
            yield node, text(date)


def _refused(deployment: Deployment, local_name: str, fr: str, en: str) -> Iterator[Finding]:
    for node, definition in _timers(deployment):
        if definition.find(f"{{{BPMN}}}{local_name}") is not None:
            yield at(
                node,
                f"L'échéance « {label(node)} » est {fr}.",
                f"Remplacez-la par une date : {_EXAMPLE}.",
                f'The timer "{label(node)}" is {en}.',
                f"Replace it by a date: {_EXAMPLE}.",
            )


@rule("timer_duration")
def timer_durations(deployment: Deployment) -> Iterator[Finding]:
    """A duration is refused: it ignores the calendar and restarts at each migration."""
    yield from _refused(
        deployment,
        "timeDuration",
        "une durée, qui ignore le calendrier et les suspensions",
        "a duration, which ignores the calendar and suspensions",
    )


@rule("timer_cycle")
def timer_cycles(deployment: Deployment) -> Iterator[Finding]:
    """A cycle is refused: cancelled, it kills the reminders it started (SPIKE trap 8)."""
    yield from _refused(
        deployment,
        "timeCycle",
        "un cycle, dont l'arrêt tuerait les rappels en cours",
        "a cycle, whose end would kill the reminders under way",
    )


@rule("timer_without_deadline")
def timers_without_deadline(deployment: Deployment) -> Iterator[Finding]:
    """A timer is a date that comes from ``deadline``, in each of its cases."""
    for node, definition in _timers(deployment):
        names = ("timeDate", "timeDuration", "timeCycle")
        if all(not text(definition.find(f"{{{BPMN}}}{name}")) for name in names):
            yield _no_deadline(node)
    for node, part in _computed_outcomes(deployment):
        if not _calls_deadline(part):
            yield _no_deadline(node)


@rule("timer_not_a_deadline")
def timers_not_a_deadline(deployment: Deployment) -> Iterator[Finding]:
    """A deadline is waited for as it is: nothing is added to it, taken from it or wrapped round it.

    What bends a legal date would bend it in silence.
    """
    for node, part in _computed_outcomes(deployment):
        if _calls_deadline(part) and not _is_deadline(part):
            yield at(
                node,
                f"La date de l'échéance « {label(node)} » est autre chose qu'un appel de "
                "« deadline » à partir d'une date.",
                f"Écrivez l'appel seul, par exemple {_EXAMPLE} ; un autre délai s'écrit dans la "
                "campagne.",
                f'The date of the timer "{label(node)}" is more than a call of "deadline" '
                "from a date.",
                f"Write the call alone, for instance {_EXAMPLE}; another delay is written in the "
                "campaign.",
            )


def _computed_outcomes(deployment: Deployment) -> Iterator[tuple[Node, FeelNode]]:
    """What each timer may wait for, constants left out."""
    for node, written in _dates(deployment):
        root = tree(written)
        if root is not None and not ISO_TEXT.fullmatch(written):
            yield from ((node, part) for part in outcomes(root) if not is_constant(part))


def _calls_deadline(part: FeelNode) -> bool:
    return any(True for _ in calls_of(part, "deadline"))


def _is_deadline(part: FeelNode) -> bool:
    """Whether ``part`` is a call that the engine can answer, or the instant of one."""
    call = part.source if isinstance(part, Path) and part.name == "fires_at" else part
    if not isinstance(call, Call) or call.function != Name("deadline"):
        return False
    names = [given.name for given in call.arguments]
    positions = names.count(None)
    named = names[positions:]
    fits = positions <= len(_PARAMETERS) and len(named) == len(
        set(named) & set(_PARAMETERS[positions:])
    )
    start = argument(call, 1, "from")
    return fits and (start is None or all(_may_be_date(o) for o in outcomes(start)))


def _may_be_date(start: FeelNode) -> bool:
    """Whether a delay may be counted from ``start``: no list, no text, no other deadline."""
    if isinstance(start, Call):
        return isinstance(start.function, Name) and start.function.text in _DATES
    wanted = isinstance(start, Name | Path | Filter | Chain | Literal)
    return wanted and next(calls_of(start, "deadline"), None) is None


def _no_deadline(node: Node) -> Finding:
    return at(
        node,
        f"La date de l'échéance « {label(node)} » n'est pas calculée par « deadline ».",
        f"Écrivez par exemple {_EXAMPLE}.",
        f'The date of the timer "{label(node)}" is not computed by "deadline".',
        f"Write for instance {_EXAMPLE}.",
    )


@rule("timer_constant")
def timer_constants(deployment: Deployment) -> Iterator[Finding]:
    """A constant is no deadline, whatever its type; nor is it a point to count from."""
    for node, written in _dates(deployment):
        for french, english in _constant_reasons(written):
            yield at(
                node,
                f"L'échéance « {label(node)} » est une constante : {french}.",
                f"Faites-la calculer : {_EXAMPLE}.",
                f'The timer "{label(node)}" is a constant: {english}.',
                f"Let it be computed: {_EXAMPLE}.",
            )


def _constant_reasons(written: str) -> Iterator[tuple[str, str]]:
    root = tree(written)
    if ISO_TEXT.fullmatch(written):
        yield value_reason(constant_value(f'@"{written}"'))
        return
    if root is None:
        return
    for part in outcomes(root):
        if is_constant(part):
            known = part.value if isinstance(part, Literal) else constant_value(written)
            yield value_reason(known)
    for call in calls_of(root, "deadline"):
        yield from _argument_reasons(call)


def _argument_reasons(call: Call) -> Iterator[tuple[str, str]]:
    start = argument(call, 1, "from")
    if start is None or is_constant(start):
        yield (
            "elle se compte à partir d'une constante",
            "it is counted from a constant",
        )
    remaining = argument(call, 2, "remaining")
    if remaining is not None and is_constant(remaining) and remaining != Literal(None):
        yield ("le délai restant est une constante", "the remaining delay is a constant")


@rule("unknown_deadline")
def unknown_deadlines(deployment: Deployment) -> Iterator[Finding]:
    """The key of a deadline is written out, and every campaign knows it."""
    known = known_keys(deployment.context.campaigns)
    for node, written in _dates(deployment):
        root = tree(written)
        for call in calls_of(root, "deadline") if root is not None else ():
            key = literal_text(argument(call, 0, "key"))
            if key is None or key not in known:
                shown = "?" if key is None else key
                yield at(
                    node,
                    f"L'échéance « {label(node)} » demande le délai « {shown} », qu'une campagne "
                    "ne définit pas.",
                    f"Choisissez un délai écrit en toutes lettres : {', '.join(sorted(known))}.",
                    f'The timer "{label(node)}" asks for the delay "{shown}", which a campaign '
                    "does not define.",
                    f"Choose a delay written out: {', '.join(sorted(known))}.",
                )


def known_keys(campaigns: Sequence[CampaignShape]) -> frozenset[str]:
    """The deadline keys that all campaigns share."""
    shared = [campaign.delay_keys for campaign in campaigns]
    return ALWAYS_KNOWN | (frozenset.intersection(*shared) if shared else frozenset())
