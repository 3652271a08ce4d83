"""From files to faults: read, graph, apply every rule, put in order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import Document, read_document
from workflow.engine.diagram_checks.model import CheckContext, Fault
from workflow.engine.diagram_checks.reading import DC, DI, READING_CODES, read
from workflow.engine.diagram_checks.rule import RULES, Finding
from workflow.engine.diagram_checks.tables import TableDocument, read_tables
from workflow.engine.source_file import SourceFile

MAX_NODES = 400
"""Nodes of one file: the engine's parser follows a path by recursion (ENGINE §5)."""
MAX_FLOWS = 1_000
"""Flows of one file."""
MAX_POINTS = 1_500
"""Waypoints of the flows drawn in one file: each is compared with each other."""
MAX_CELLS = 5_000
"""Cells of the decision tables of one file."""
MAX_ALIKE = 500
"""Faults told of one code: who has more will check again."""

CODES: tuple[str, ...] = (*READING_CODES, "too_many_elements", *RULES)
"""Every code a fault may have."""


def check_files(
    files: Sequence[SourceFile], context: CheckContext, only: Collection[str] | None
) -> list[Fault]:
    """All faults of the files, in order; ``only`` keeps those codes."""
    faults: list[Fault] = []
    documents: list[Document | TableDocument] = []
    for file in sorted(files, key=lambda f: f.name):
        found = _document(file)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            documents.append(found)
    deployment = _deployment(documents, files, context)
    places = [((f.file, -1, f.code), f) for f in faults]
    for code, apply in RULES.items():
        if only is None or code in only:
            findings = islice(apply(deployment), MAX_ALIKE)
            places += [(_place(code, f), _fault(code, f)) for f in findings]
    ordered = [fault for _, fault in sorted(places, key=lambda p: (*p[0], p[1].message))]
    return [fault for fault in ordered if only is None or fault.code in only]


def _place(code: str, finding: Finding) -> tuple[str, int, str]:
    return finding.document.name, finding.document.order.get(finding.element, 0), code


def _fault(code: str, finding: Finding) -> Fault:
    return Fault(
        code,
        finding.document.name,
        _element_id(finding),
        finding.message,
        finding.remedy,
        finding.message_en,
        finding.remedy_en,
    )


def _element_id(finding: Finding) -> str:
    """The id of the element, or of the nearest one around it that has an id."""
    root = finding.document.root
    for element in (finding.element, *finding.element.iterancestors()):
        if element is root:
            break
        if element.get("id"):
            return element.get("id", "")
    return ""


def _document(file: SourceFile) -> Document | TableDocument | Fault:
    parsed = read(file)
    if isinstance(parsed, Fault):
        return parsed
    if parsed.is_table:
        tables = read_tables(parsed)
        cells = sum(1 for _ in parsed.root.iter("{*}inputEntry", "{*}outputEntry"))
        return _too_many(file, cells, MAX_CELLS) if cells > MAX_CELLS else tables
    document = read_document(parsed)
    scopes = [scope for process in document.processes for scope in process.walk()]
    counts = (
        (sum(len(scope.nodes) for scope in scopes), MAX_NODES),
        (sum(len(scope.flows) for scope in scopes), MAX_FLOWS),
        (sum(1 for _ in parsed.root.iter(f"{{{DI}}}waypoint")), MAX_POINTS),
        (sum(1 for _ in parsed.root.iter(f"{{{DC}}}Bounds")), MAX_POINTS),
    )
    exceeded = next(((count, most) for count, most in counts if count > most), None)
    return document if exceeded is None else _too_many(file, *exceeded)


def _too_many(file: SourceFile, count: int, most: int) -> Fault:
    return Fault(
        "too_many_elements", file.name, "",
        f"Le fichier contient {count} éléments de même sorte ; le moteur en lit au plus {most}.",
        "Découpez-le en processus appelés ou en plusieurs tables.",
        f"The file holds {count} elements of one sort; the engine reads {most} at most.",
        "Split it into called processes or into several tables.",
    )  # fmt: skip


def _deployment(
    documents: Sequence[Document | TableDocument],
    files: Sequence[SourceFile],
    context: CheckContext,
) -> Deployment:
    beside = (_document(file) for file in in_force_beside(files, context.deployed))
    deployed = [document for document in beside if not isinstance(document, Fault)]
    return Deployment(
        [d for d in documents if isinstance(d, Document)],
        [d for d in documents if isinstance(d, TableDocument)],
        context,
        [d for d in deployed if isinstance(d, Document)],
        [d for d in deployed if isinstance(d, TableDocument)],
    )


def in_force_beside(
    files: Sequence[SourceFile], deployed: Sequence[SourceFile]
) -> list[SourceFile]:
    """The deployed files that ``files`` do not replace: a file replaces the one of its name."""
    names = {file.name for file in files}
    return [file for file in sorted(deployed, key=lambda f: f.name) if file.name not in names]
