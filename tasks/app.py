"""The Celery app. It carries ticks, rings and batches; never a resident, never the only copy.

Acknowledged late and given back when a worker is lost: every task may run twice, and every round is
safe to repeat.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init

from connector import settings as connector_settings
from connector.gateways.celery_line import outlive_the_broker
from connector.gateways.celery_pulse import take_pulse
from connector.gateways.logs import start_logging
from connector.settings import SettingsError
from connector.wiring import Wiring, build
from tasks.timetable import TIMETABLE

VISIBLE_AGAIN_SECONDS = 600


class _Process:
    """The wiring of this worker process, made after the fork."""

    wiring: Wiring | None = None


def wiring() -> Wiring:
    """The wiring of this process."""
    if _Process.wiring is None:
        _Process.wiring = build(connector_settings.load())
    return _Process.wiring


def make_app(broker_url: str, redis_url: str) -> Celery:
    outlive_the_broker()
    celery = Celery("connector", broker=broker_url, include=["tasks.loops"])
    celery.conf.update(
        accept_content=["json"],
        beat_schedule=TIMETABLE,
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_pool_limit=2,
        broker_transport_options={
            "visibility_timeout": VISIBLE_AGAIN_SECONDS,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
        },
        task_acks_late=True,
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        task_soft_time_limit=540,
        task_time_limit=580,
        timezone="UTC",
        visibility_timeout=VISIBLE_AGAIN_SECONDS,
        worker_hijack_root_logger=False,
        worker_max_tasks_per_child=2000,
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=3,
    )
    take_pulse(celery, redis_url)
    return celery


@setup_logging.connect
def _logs(**_: object) -> None:
    start_logging()


@worker_init.connect
def _before_forking(**_: object) -> None:
    """What every child needs is loaded once and shared by all of them."""
    import_module("tasks.loops")
    gc.collect()
    gc.freeze()
    # A batch makes many small values that die together; looking for rings among them was a tenth
    # of its time.
    gc.set_threshold(50_000, 20, 20)


@worker_process_init.connect
def _forked(**_: object) -> None:
    """A child never shares its parent's connections."""
    _Process.wiring = None


def _app_of_this_process() -> Celery:
    try:
        found = connector_settings.load()
    except SettingsError as error:
        sys.exit(f"connector: {error}")
    return make_app(found.broker_url, found.redis_url)


app = _app_of_this_process()
