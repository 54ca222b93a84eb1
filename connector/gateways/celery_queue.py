"""The doorbell on Celery: rings by name, coalesced, and never in the way of a request.

A job is rung at most once in some tens of milliseconds a process, however many ask for it. A broker
that is away is written in the log and nothing else: the next tick finds the rows.
"""

from __future__ import annotations

import os
from threading import Condition, Thread
from time import sleep

import structlog
from celery import Celery

from connector.services.jobs import Job

log = structlog.get_logger()

COALESCE_SECONDS = 0.03
RING_FOR_SECONDS = 60


def producer(broker_url: str) -> Celery:
    """A Celery app that only publishes: it knows no task but by its name."""
    app = Celery("connector", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        broker_connection_timeout=2,
        broker_transport_options={"socket_timeout": 2, "socket_connect_timeout": 2},
        task_publish_retry=False,
    )
    return app


class CeleryDoorbell:
    """Rings from a thread of its own, so that a caller never waits for the broker."""

    def __init__(self, broker_url: str) -> None:
        self._broker_url = broker_url
        self._asked: set[Job] = set()
        self._changed = Condition()
        self._pid = 0

    def ring(self, job: Job) -> None:
        with self._changed:
            self._asked.add(job)
            if self._pid != os.getpid():
                self._pid = os.getpid()
                Thread(target=self._serve, name="doorbell", daemon=True).start()
            self._changed.notify()

    def _serve(self) -> None:
        app = producer(self._broker_url)
        while True:
            with self._changed:
                while not self._asked:
                    self._changed.wait()
                asked, self._asked = self._asked, set()
            for job in sorted(asked):
                self._publish(app, job)
            sleep(COALESCE_SECONDS)

    @staticmethod
    def _publish(app: Celery, job: Job) -> None:
        try:
            app.send_task(job.value, expires=RING_FOR_SECONDS)
        except Exception as error:  # noqa: BLE001 a bell whose thread has ended is silent for ever
            log.warning("the doorbell is silent", job=job.value, error=type(error).__name__)
