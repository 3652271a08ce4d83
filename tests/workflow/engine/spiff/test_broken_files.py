"""Files that something damaged: refused as unreadable, or run; never a surprise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from life import Life
from lxml import etree

from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import DiagramUnreadable, parse
from workflow.errors import JalonError

PROJECT = Path(__file__).parents[4] / "bpmn"
CALLED = [SourceFile(path.name, path.read_bytes()) for path in sorted(PROJECT.glob("*.dmn"))]


def damaged(content: bytes, random: Random) -> bytes:
    """The file with a few attributes or elements gone, emptied or doubled."""
    root = etree.fromstring(content)
    for _ in range(random.randint(1, 3)):
        node = random.choice([n for n in root.iter("{*}*") if n.getparent() is not None])
        parent = node.getparent()
        assert parent is not None
        kind = random.choice(["drop", "double", "empty", "text", "forget"])
        if kind == "drop":
            parent.remove(node)
        elif kind == "double":
            parent.append(etree.fromstring(etree.tostring(node)))
        elif kind == "text":
            node.text = random.choice(["", "1 +", "é", "null"])
        elif node.attrib:
            name = random.choice(sorted(map(str, node.attrib)))
            if kind == "empty":
                node.set(name, random.choice(["", "-1", "nowhere"]))
            else:
                del node.attrib[name]
    return etree.tostring(root)


@pytest.mark.parametrize("name", ["award", "college_session", "convention", "reservation_lifting"])
def test_a_damaged_diagram_is_refused_by_name_or_runs(name: str) -> None:
    content = (PROJECT / f"{name}.bpmn").read_bytes()
    outcomes: Counter[str] = Counter()
    for seed in range(60):
        file = SourceFile(f"{name}.bpmn", damaged(content, Random(seed)))
        try:
            diagrams = parse([file], CALLED)
        except DiagramUnreadable as refusal:
            outcomes["refused" if refusal.file == file.name else "unnamed"] += 1
            continue
        for process_id in diagrams.process_ids:
            try:
                Life(diagrams, process_id)
            except JalonError:
                outcomes["stopped"] += 1
            else:
                outcomes["ran"] += 1
    assert outcomes["refused"] > 3
    assert outcomes["unnamed"] == 0
