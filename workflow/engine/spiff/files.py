"""Diagram files as XML, read with suspicion."""

from __future__ import annotations

from lxml import etree

from workflow.engine.source_file import SourceFile
from workflow.engine.spiff.faults import DiagramUnreadable

LARGEST_FILE = 2 * 1024 * 1024
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"


def read_xml(file: SourceFile) -> etree._Element:
    """The root element of a file.

    No DOCTYPE is accepted, hence no entity of the file's own; nothing outside the file is
    read; comments and processing instructions are left out. Raises DiagramUnreadable.
    """
    if len(file.content) > LARGEST_FILE:
        raise DiagramUnreadable(
            f"Expected at most {LARGEST_FILE} bytes but it has {len(file.content)}. Split it.",
            file=file.name,
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(file.content, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise DiagramUnreadable(
            f"Expected XML but {fault}. Save it again from the editor.", file=file.name
        ) from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise DiagramUnreadable("Expected no DOCTYPE but there is one. Remove it.", file=file.name)
    return root


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname
