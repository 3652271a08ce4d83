"""Writes ``docs/conformity.md``: each rule of the DSR, where it lives and what shows it.

``python docs/conformity.py`` writes the page; with ``--check`` it only says whether the page is
up to date. Every fault is printed, and is an exit status 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tracing.examples import read_examples
from tracing.faults import rule_faults
from tracing.oracles import oracle_faults, read_oracles
from tracing.page import page
from tracing.places import read_places
from tracing.rules import read_chapters
from tracing.tags import Fault

from workflow.errors import JalonError

PROJECT = Path(__file__).resolve().parents[1]
RULES, ORACLES, PAGE = "docs/rules.yaml", "docs/oracles.yaml", "docs/conformity.md"


def conformity(root: Path) -> tuple[str, list[str]]:
    """The page of a project, and every fault that keeps it from being believed."""
    faults: list[str] = []
    chapters = read_chapters(root / RULES)
    oracles = read_oracles(root / ORACLES)
    places, examples = read_places(root, faults), read_examples(root, faults)
    faults += rule_faults(chapters, places, examples)
    faults += oracle_faults(root, oracles)
    return page(chapters, places, examples, oracles), faults


def main(arguments: list[str], root: Path = PROJECT) -> int:
    """Writes or checks the page; returns the exit status."""
    try:
        text, faults = conformity(root)
    except (Fault, JalonError) as fault:
        text, faults = "", [str(fault)]
    if not faults and "--check" in arguments:
        kept = root / PAGE
        if not kept.is_file() or kept.read_text(encoding="utf-8") != text:
            faults = [f"{PAGE}: Expected what the tags say but it is older. Run make conformity."]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    if not faults and "--check" not in arguments:
        (root / PAGE).write_text(text, encoding="utf-8")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
