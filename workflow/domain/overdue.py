"""Signals that time has passed: a flag, and those who are told (DSR 4.2, 4.4).

None of them ends anything: the delays are indicative, or announce a consequence.
"""

from __future__ import annotations

from workflow.domain import dossier as dossiers
from workflow.domain.call import Call
from workflow.domain.notification import notify
from workflow.domain.notification_texts import delay_named

TOLD = {
    "admissibility_overdue": ("admissibility_check", ("admissibility_officer", "process_owner")),
    "instruction_overdue": ("instruction", ("instructor", "process_owner")),
    "significant_delay": ("solicitation_delay", ("operator", "instructor")),
}
"""Flag → the delay that ran out, and the roles that are told."""


def signal(call: Call, flag: str) -> None:
    """Raise a flag on the call's dossier and tell whom it concerns; nothing the second time."""
    if not dossiers.raise_flag(call, flag) or flag not in TOLD:
        return
    key, roles = TOLD[flag]
    for role in roles:
        notify(call, role, flag, delay=delay_named(call.campaign, key))
