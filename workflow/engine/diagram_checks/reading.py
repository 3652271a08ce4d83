"""Bytes of a file → its XML root, or the reason why it is not read at all."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from workflow.engine.diagram_checks.model import Fault
from workflow.engine.source_file import SourceFile

MAX_BYTES = 2_000_000
"""A larger file is refused unread (ENGINE §5)."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
DMN_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
_ENCODING_ERRORS = frozenset(
    {
        etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.ERR_INVALID_CHAR,
    }
)


@dataclass(frozen=True)
class ParsedFile:
    """A file that could be read: its name and its root element."""

    name: str
    root: etree._Element
    is_table: bool


READING_CODES = ("too_large", "doctype", "encoding", "not_xml", "not_bpmn", "not_dmn")
"""The codes of faults that keep a file from being read, in the order they are sought."""


def namespace(element: etree._Element) -> str:
    """The namespace of ``element``, empty when it has none."""
    return etree.QName(element).namespace or ""


def kind(element: etree._Element) -> str:
    """The local name of ``element``: ``userTask``."""
    return etree.QName(element).localname


def read(file: SourceFile) -> ParsedFile | Fault:
    """The root of ``file``, or the one fault that keeps it from being read."""
    if len(file.content) > MAX_BYTES:
        return _too_large(file)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(file.content, parser)
    except (etree.XMLSyntaxError, LookupError, ValueError) as refusal:
        return _unreadable(file, refusal)
    if root.getroottree().docinfo.internalDTD is not None:
        return _doctype(file)
    return _of_its_kind(file, root)


def _of_its_kind(file: SourceFile, root: etree._Element) -> ParsedFile | Fault:
    is_definitions = kind(root) == "definitions"
    if file.name.lower().endswith(".dmn"):
        if is_definitions and namespace(root) in DMN_NAMESPACES:
            return ParsedFile(file.name, root, is_table=True)
        return _wrong_root(file, root, "not_dmn", "DMN")
    if is_definitions and namespace(root) == BPMN:
        return ParsedFile(file.name, root, is_table=False)
    return _wrong_root(file, root, "not_bpmn", "BPMN")


def _too_large(file: SourceFile) -> Fault:
    size = len(file.content)
    return Fault(
        "too_large", file.name, "",
        f"Le fichier pèse {size} octets ; un diagramme en pèse au plus {MAX_BYTES}.",
        "Découpez le diagramme en processus appelés, ou retirez les images qu'il embarque.",
        f"The file weighs {size} bytes; a diagram weighs {MAX_BYTES} at most.",
        "Split the diagram into called processes, or remove the images it embeds.",
    )  # fmt: skip


def _doctype(file: SourceFile) -> Fault:
    return Fault(
        "doctype", file.name, "",
        "Le fichier déclare un DOCTYPE, qu'un diagramme n'a jamais.",
        "Retirez la ligne <!DOCTYPE …> et les entités qu'elle déclare.",
        "The file declares a DOCTYPE, which a diagram never has.",
        "Remove the <!DOCTYPE …> line and the entities it declares.",
    )  # fmt: skip


def _unreadable(file: SourceFile, refusal: Exception) -> Fault:
    if b"<!DOCTYPE" in file.content:
        return _doctype(file)
    if isinstance(refusal, LookupError) or (getattr(refusal, "code", None) in _ENCODING_ERRORS):
        return Fault(
            "encoding", file.name, "",
            "Les caractères du fichier ne sont pas dans l'encodage qu'il annonce.",
            "Enregistrez le fichier en UTF-8 et annoncez encoding=\"UTF-8\".",
            "The characters of the file are not in the encoding it declares.",
            "Save the file as UTF-8 and declare encoding=\"UTF-8\".",
        )  # fmt: skip
    line = getattr(refusal, "lineno", None) or 1
    return Fault(
        "not_xml", file.name, "",
        f"Le fichier n'est pas du XML lisible : erreur à la ligne {line}.",
        "Rouvrez-le dans l'éditeur qui l'a écrit et enregistrez-le de nouveau.",
        f"The file is not readable XML: error on line {line}.",
        "Open it again in the editor that wrote it and save it anew.",
    )  # fmt: skip


def _wrong_root(file: SourceFile, root: etree._Element, code: str, wanted: str) -> Fault:
    return Fault(
        code, file.name, "",
        f"La racine du fichier est « {kind(root)} » au lieu de « definitions » de {wanted}.",
        f"Donnez un fichier {wanted}, nommé .{wanted.lower()}.",
        f"The root of the file is \"{kind(root)}\", not the \"definitions\" of {wanted}.",
        f"Give a {wanted} file, named .{wanted.lower()}.",
    )  # fmt: skip
