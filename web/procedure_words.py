"""The procedure's own words in English: what forms and diagrams say, and refusals of answers.

Forms and diagrams are written in French. Their English stands beside them, in `forms/en.po` and
`bpmn/en.po`, under the French text itself: hence what was stored under an older version, in the
history or in a date, is said in English too, and a form editor meets nothing that it does not know.
What has no English stays French, and is marked so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from flask import Flask
from lxml import etree
from markupsafe import Markup, escape

from web.language import language
from web.refusal_words import english_refusal
from web.runtime import runtime
from web.typography import typographic
from workflow.domain.phrase import Phrase
from workflow.engine.diagram_checks.reading import BPMN, ParsedFile, read
from workflow.engine.forms import Component, Form
from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import Process
from workflow.errors import InvalidAnswer

CATALOGUE = "en.po"
BPMNDI, DC = "http://www.omg.org/spec/BPMN/20100524/DI", "http://www.omg.org/spec/DD/20100524/DC"
LETTER, LINE = 6.5, 14
"""Pixels of a label: the width of a letter, the height of a line."""
SAID_BY_PROPERTIES = ("missing", "mismatch", "row")
"""The properties of a question that hold sentences."""


def init_procedure_words(app: Flask) -> None:
    """Give the templates `said` and `french`, which mark French, and `in_words`, for attributes."""
    app.jinja_env.filters.update(said=said, french=french, in_words=in_words)


def in_words(text: str) -> str:
    """A text of a form, a diagram or a refusal, in the reader's language when it is known in it."""
    if language() == "fr":
        return text
    return english_of(text) or text


def said(text: str) -> Markup:
    """The same as a part of a page: French is typeset, and marked in an English page."""
    found = None if language() == "fr" else english_of(text)
    return french(text) if found is None else escape(found)


def french(text: str) -> Markup:
    """A text that is French for everybody: an act, a requirement, what a person wrote."""
    typeset = Markup(typographic(str(escape(text)).replace("&#39;", "'")))
    if language() == "fr" or not text:
        return typeset
    return Markup('<span lang="fr">%s</span>') % typeset


def refusal_in_words(sentence: str) -> str:
    """A sentence that refuses something, in the reader's language."""
    if language() == "fr":
        return sentence
    return english_of(sentence) or english_refusal(sentence, english_of) or sentence


def faults_in_words(refusal: InvalidAnswer) -> dict[str, list[str]]:
    """The faults of an answer by key, in the reader's language."""
    return {
        key: [refusal_in_words(sentence) for sentence in sentences]
        for key, sentences in refusal.faults.items()
    }


def english_of(text: str) -> str | None:
    """The English of a French text of the procedure, None when nobody has written it."""
    if isinstance(text, Phrase):
        return text.english
    settings = runtime().settings
    for folder in (settings.forms_folder, settings.bpmn_folder):
        found = catalogue(folder / CATALOGUE).get(str(text))
        if found:
            return found
    return None


@cache
def catalogue(path: Path) -> Mapping[str, str]:
    """French text → English, of a folder's catalogue; empty when the folder has none."""
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id and each.string}


def texts_of_form(form: Form) -> Iterator[str]:
    """Everything that a form says."""
    yield from filter(None, (form.title, form.description))
    for component in form.components:
        yield from filter(None, _texts_of(component))


def _texts_of(component: Component) -> Iterator[str]:
    yield from (component.label, component.description, component.text)
    yield from (option.label for option in component.options)
    yield from (component.properties.get(name, "") for name in SAID_BY_PROPERTIES)
    for child in component.children:
        yield from _texts_of(child)


def texts_of_process(process: Process) -> Iterator[str]:
    """Everything that a drawing says: its title, lanes, elements and arrows."""
    yield process.name
    yield from process.lanes.values()
    yield from (each.label for each in process.elements.values() if each.label != each.id)
    yield from (flow.label for flow in process.flows if flow.label)


def drawn_in_words(file: SourceFile) -> bytes:
    """A diagram's file with the names of its elements in the reader's language, to be drawn."""
    parsed = read(file)
    if language() == "fr" or not isinstance(parsed, ParsedFile) or parsed.is_table:
        return file.content
    for element in parsed.root.iter(f"{{{BPMN}}}*"):
        if element.get("name"):
            element.set("name", in_words(element.get("name", "")))
    _make_room(parsed.root)
    return etree.tostring(parsed.root, xml_declaration=True, encoding="UTF-8")


def _make_room(root: etree._Element) -> None:
    """Widen the labels that would cut a word or take more lines: away from what they name."""
    names = {each.get("id"): each.get("name", "") for each in root.iter(f"{{{BPMN}}}*")}
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
        bounds = shape.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds")
        name = names.get(shape.get("bpmnElement")) or ""
        if bounds is None or not name:
            continue
        width = float(bounds.get("width", "0"))
        lines = max(1, round(float(bounds.get("height", "0")) / LINE))
        letters = max(len(name) / lines, *(len(word) + 1 for word in name.split()))
        lacking = letters * LETTER - width
        if lacking <= 0:
            continue
        left, named = float(bounds.get("x", "0")), shape.find(f"{{{DC}}}Bounds")
        stands_right = named is not None and left >= _middle(named)
        bounds.set("width", f"{width + lacking:g}")
        bounds.set("x", f"{left if stands_right else left - lacking / 2:g}")


def _middle(bounds: etree._Element) -> float:
    return float(bounds.get("x", "0")) + float(bounds.get("width", "0")) / 2
