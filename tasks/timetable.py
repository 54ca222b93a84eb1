"""The timetable of beat, as data. Each entry only asks whether there is work.

A tick that nobody fetched in time expires, so that a stopped worker finds no pile of them. Nothing
hangs on a time of day: rows say when they are due.
"""

from __future__ import annotations

from typing import Any

from connector.services.jobs import Job


def _every(job: Job, seconds: float) -> dict[str, Any]:
    return {"task": job.value, "schedule": seconds, "options": {"expires": max(seconds, 5.0)}}


TIMETABLE: dict[str, dict[str, Any]] = {
    "send what is due": _every(Job.DISPATCH, 2.0),
    "read what came": _every(Job.TRIAGE, 2.0),
    "tell connectors": _every(Job.ALERT, 5.0),
    "plan ahead": _every(Job.PLAN, 60.0),
    "close what was not answered": _every(Job.SILENCE, 60.0),
    "settle lost sends": _every(Job.SETTLE, 30.0),
    "compare with the provider's list": _every(Job.RECONCILE, 300.0),
    "watch deliveries": _every(Job.WATCH, 60.0),
    "wake what waited": _every(Job.WAKE, 30.0),
    "chase what nobody has read": _every(Job.CHASE, 60.0),
    "welcome back": _every(Job.WELCOME, 60.0),
    "bring lists in": _every(Job.IMPORT, 5.0),
    "propose values for most people": _every(Job.NOTICING, 6 * 3600.0),
}
