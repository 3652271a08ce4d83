"""The project's dossier, made runnable by both engines: the same nodes, flows and timers.

Service tasks and tables become scripts, since what is measured is the engine and its storage,
not the domain. Jalon reads the scripts and conditions in FEEL, stock SpiffWorkflow in Python.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FAR = "2098-06-30T00:00:00+00:00"

RESULTS: dict[str, tuple[str, str]] = {
    "register_deposit": (
        "{deposit: {convention_in_force: false}}",
        "deposit = {'convention_in_force': False}",
    ),
    "decide_restart": ('{restart_at: "proofs in time"}', "restart_at = 'proofs in time'"),
    "decide_eligibility": ('{eligibility: "developer"}', "eligibility = 'developer'"),
}
NOTHING = ("{}", "pass")
CONDITIONS: dict[str, tuple[str, str]] = {
    "within_dates_to_body": ('restart_at = "proofs in time"', "restart_at == 'proofs in time'"),
    "restart_point_to_processing": ('restart_at = "proofs"', "restart_at == 'proofs'"),
    "decision_outcome_to_award": ('decision = "award"', "decision == 'award'"),
    "decision_outcome_to_reservation_lifting": (
        'decision = "non_blocking"',
        "decision == 'non_blocking'",
    ),
    "eligible_to_admit": (
        'eligibility = "developer" and outcome = "admissible"',
        "eligibility == 'developer' and outcome == 'admissible'",
    ),
    "eligible_to_declare_exempt": ('eligibility = "buyer"', "eligibility == 'buyer'"),
    "already_signed_to_convention_in_force": (
        "deposit.convention_in_force",
        "deposit['convention_in_force']",
    ),
    "sufficient_to_propose_lifting": ('outcome = "lifted"', "outcome == 'lifted'"),
}
QUESTION = ('outcome = "solicit"', "outcome == 'solicit'")


def read(folder: Path, *, stock: bool) -> dict[str, bytes]:
    """The diagrams of a folder, in the language of one of the two engines."""
    return {
        path.name: etree.tostring(_translated(path, 1 if stock else 0))
        for path in sorted(folder.glob("*.bpmn"))
        if path.stem != "college_session"
    }


def _translated(path: Path, language: int) -> etree._Element:
    root = etree.fromstring(path.read_bytes())
    for kind in ("serviceTask", "businessRuleTask"):
        for node in list(root.iter(BPMN + kind)):
            _to_script(node, RESULTS.get(node.get("id", ""), NOTHING)[language])
    for flow in root.iter(BPMN + "sequenceFlow"):
        condition = flow.find(BPMN + "conditionExpression")
        if condition is not None:
            condition.text = CONDITIONS.get(flow.get("id", ""), QUESTION)[language]
    for timer in root.iter(BPMN + "timeDate"):
        timer.text = f'"{FAR}"' if language else f'@"{FAR}"'
    return root


def _to_script(node: etree._Element, script: str) -> None:
    node.tag = BPMN + "scriptTask"
    for extension in node.findall(BPMN + "extensionElements"):
        node.remove(extension)
    etree.SubElement(node, BPMN + "script").text = script
