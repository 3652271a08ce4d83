"""The page of conformity: one table for each chapter, in French."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from textwrap import shorten

from tracing.examples import Example
from tracing.oracles import Oracles
from tracing.places import Place
from tracing.rules import Chapter, Rule
from workflow.clock import PARIS

SHOWN_NAMES = 3
LONGEST_NAME = 70
SHOWN_TESTS = 4
_INTRODUCTION = """# Conformité au DSR

Chaque règle du dossier de spécifications de référencement, dite en bref et dans nos mots : seul le
texte de l’ANS fait foi. La page dit où vit la règle (élément de schéma, table, formulaire,
paramètre de campagne, code) et quel scénario ou quel test la montre : il échouerait si la règle
était enfreinte. `make conformity` l’écrit depuis les étiquettes que portent ces fichiers ; une
règle sans exemple ni motif fait échouer la construction.
"""


def page(
    chapters: Sequence[Chapter],
    places: Sequence[Place],
    examples: Sequence[Example],
    oracles: Oracles,
) -> str:
    """The whole text of ``docs/conformity.md``."""
    parts = [_INTRODUCTION, _summary(chapters)]
    parts += [_chapter(chapter, places, examples) for chapter in chapters]
    stories = {example.file: example.name for example in examples if example.kind == "scenario"}
    parts += [_edges(oracles, stories), _dates(oracles, stories), _readings(oracles, stories)]
    return "\n".join(parts)


def _summary(chapters: Sequence[Chapter]) -> str:
    rules = [rule for chapter in chapters for rule in chapter.rules]
    excused = sum(1 for rule in rules if rule.reason)
    return (
        f"**{len(rules)} sur {len(rules)}** : {len(rules) - excused} règles montrées par un"
        f" exemple, {excused} hors de portée du logiciel ou à venir, chacune avec son motif.\n"
    )


def _chapter(chapter: Chapter, places: Sequence[Place], examples: Sequence[Example]) -> str:
    rows = [
        _row(
            str(rule.number),
            _said(rule),
            rule.dsr,
            _living(place for place in places if rule.number in place.rules),
            (rule.reason and f"*Sans exemple.* {rule.reason}")
            or _shown([example for example in examples if rule.number in example.rules]),
        )
        for rule in chapter.rules
    ]
    heads = ("nº", "règle", "DSR", "où elle vit", "ce qui la montre")
    return f"## {chapter.id}. {chapter.title}\n\n{_table(heads, rows)}"


def _said(rule: Rule) -> str:
    return f"{rule.text} *Limite : {rule.limit}*" if rule.limit else rule.text


def _living(places: Iterable[Place]) -> str:
    """The places of a rule by file, each with the first names in it."""
    lines: list[str] = []
    for file, group in groupby(places, key=lambda place: place.file):
        names = list(dict.fromkeys(place.name for place in group if place.name))
        shown = ", ".join(
            shorten(name, LONGEST_NAME, placeholder="…") for name in names[:SHOWN_NAMES]
        )
        if len(names) > SHOWN_NAMES:
            shown += f" et {_others(len(names) - SHOWN_NAMES)}"
        lines.append(f"[{_short(file)}](../{file})" + (f" : {shown}" if shown else ""))
    return "<br>".join(lines) or "—"


def _short(file: str) -> str:
    """A file as people name it: a module by its path, the others by their name."""
    return file if file.endswith(".py") else file.rpartition("/")[2]


def _shown(examples: list[Example]) -> str:
    """The scenarios of a rule, and the first of its tests."""
    stories = [_example(example) for example in examples if example.kind == "scenario"]
    tests = [_example(example) for example in examples if example.kind == "test"]
    more = len(tests) - SHOWN_TESTS
    lines = [*stories, *tests[:SHOWN_TESTS]]
    if more > 0:
        lines.append(f"et {_others(more)}")
    return "<br>".join(lines)


def _others(count: int) -> str:
    return f"{count} autre{'s' if count > 1 else ''}"


def _example(example: Example) -> str:
    if example.kind == "scenario":
        return f"[{example.name}](../{example.file})"
    return f"[*{example.name.removeprefix('test_').replace('_', ' ')}*](../{example.file})"


def _edges(oracles: Oracles, stories: Mapping[str, str]) -> str:
    rows = [
        _row(
            f"`{edge.parameter}`", edge.text, _moment(edge.fires_at), _story(edge.scenario, stories)
        )
        for edge in oracles.edges
    ]
    heads = ("paramètre", "délai", "instant montré", "scénario")
    return (
        "## Chaque délai, à la seconde\n\nUne seconde avant, à l’instant, une seconde après"
        f" (heure de Paris).\n\n{_table(heads, rows)}"
    )


def _dates(oracles: Oracles, stories: Mapping[str, str]) -> str:
    rows = [
        _row(
            oracle.text,
            _moment(oracle.starts_at),
            _moment(oracle.expected),
            _story(oracle.scenario, stories),
        )
        for oracle in oracles.dates
    ]
    heads = ("calcul", "départ", "dernier jour ou instant", "scénario")
    return f"## Dates calculées à la main\n\n{_table(heads, rows)}"


def _readings(oracles: Oracles, stories: Mapping[str, str]) -> str:
    rows = [
        _row(
            reading.id,
            reading.text,
            (reading.reason and f"*Sans exemple.* {reading.reason}")
            or "<br>".join(_named(name, stories) for name in reading.shown_by),
        )
        for reading in oracles.readings
    ]
    heads = ("lecture", "ce que le texte laisse ouvert, et comment il est lu", "ce qui la montre")
    return f"## Lectures du texte\n\n{_table(heads, rows)}"


def _named(example: str, stories: Mapping[str, str]) -> str:
    file, _, name = example.partition("::")
    if name:
        return _example(Example("test", file, name, ()))
    return f"[{stories.get(file, _short(file))}](../{file})"


def _story(scenario: str, stories: Mapping[str, str]) -> str:
    return _named(f"bpmn/scenarios/{scenario}.yaml", stories)


def _moment(moment: date) -> str:
    if not isinstance(moment, datetime):
        return moment.strftime("%d/%m/%Y")
    return (moment.astimezone(PARIS) if moment.tzinfo else moment).strftime("%d/%m/%Y %H:%M:%S")


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    return "\n".join([_row(*heads), _row(*("---" for _ in heads)), *rows, ""])


def _row(*cells: str) -> str:
    return "| " + " | ".join(_cells(cells)) + " |"


def _cells(cells: Iterable[str]) -> Iterator[str]:
    for cell in cells:
        yield " ".join(cell.replace("|", "\\|").split())
