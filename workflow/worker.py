"""The only user of APScheduler, and only as a tick: what is due stands in the tables.

Two sweeps: timers, then the outbox. One failure is logged and postponed; the sweep goes on.
Between them the rounds: what is done when its hour comes, such as the daily digest of mails.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from apscheduler.schedulers.background import BackgroundScheduler

from workflow import outbox
from workflow.clock import Clock, SystemClock
from workflow.engine import timers
from workflow.engine.runtime import Runtime

log = logging.getLogger(__name__)


class Worker:
    """Fires due timers and carries out the outbox, every few seconds, until stopped."""

    def __init__(
        self,
        runtime: Runtime,
        carriers: Mapping[str, outbox.Deliver],
        rounds: Sequence[Callable[[], object]] = (),
        system_clock: Clock | None = None,
    ) -> None:
        """`system_clock` tells the outbox when to try again; the runtime's is the procedure's."""
        self.runtime = runtime
        self.carriers = carriers
        self.rounds = rounds
        self.system_clock = system_clock or SystemClock()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        # A sweep that is still running is the normal case after an outage, not news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self) -> None:
        """Begin to tick in a thread of its own."""
        self._scheduler.add_job(
            self.sweep,
            "interval",
            seconds=self.runtime.settings.sweep_seconds,
            max_instances=1,
            coalesce=True,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; a turn under way ends first."""
        self._scheduler.shutdown(wait=True)

    def sweep(self) -> int:
        """Fire what is due now, then carry out the outbox; returns how many timers fired."""
        fired = self.fire_due()
        for go_round in self.rounds:
            self._go_round(go_round)
        outbox.deliver(self.runtime.database, self.carriers, self.system_clock)
        return fired

    def _go_round(self, go_round: Callable[[], object]) -> None:
        try:
            go_round()
        except Exception:
            # What waits for its hour must not stop what is due.
            log.exception("A round failed; it is made again at the next sweep")

    def fire_due(self) -> int:
        """Fire due timers in order; one that fails is kept with its reason and tried later.

        Instances that somebody else acts on are passed over: their timers are due to them.
        """
        now, fired = self.runtime.clock.now(), 0
        while True:
            with self.runtime.database.searching() as session:
                due = timers.next_due(session, now, retry=False, skip_locked=True)
            if due is None:
                return fired
            try:
                fired += timers.fire(self.runtime, due, skip_locked=True)
            except Exception as failure:
                # The sweep must outlive any one dossier's fault.
                log.exception("Timer %s of instance %s failed", due.timer_id, due.instance_id)
                timers.postpone(self.runtime, due, str(failure), now)
