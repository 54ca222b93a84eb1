"""How Celery's two kinds of process leave their marks: see `pulse`.

The worker's main process marks with its own heartbeat (every two seconds, and only while it is
connected to the broker); beat marks on each turn of its loop.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent

from connector.gateways.pulse import Part, Pulse

LONGEST_WAIT = 2.0


class PulsingScheduler(PersistentScheduler):
    """Celery's own scheduler, which also says on each turn that it is alive."""

    pulse: Pulse | None = None

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if self.pulse is not None:
            self.pulse.mark(Part.BEAT)
        return float(super().tick(*args, **kwargs))


def take_pulse(app: Celery, redis_url: str) -> None:
    """Have this app's worker and beat leave their marks on the broker at `redis_url`."""
    pulse = Pulse(redis_url)

    def worker_is_alive(**_: object) -> None:
        pulse.mark(Part.WORKER)

    heartbeat_sent.connect(worker_is_alive, weak=False, dispatch_uid="connector-pulse")
    PulsingScheduler.pulse = pulse
    app.conf.beat_scheduler = f"{PulsingScheduler.__module__}:{PulsingScheduler.__name__}"
    app.conf.beat_max_loop_interval = LONGEST_WAIT
