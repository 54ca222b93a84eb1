"""The tasks: each runs one loop of the service until there is no more work."""

from __future__ import annotations

from connector import rounds
from connector.clock import now
from connector.services.jobs import Job
from tasks.app import app, wiring


@app.task(name=Job.PLAN.value)
def plan() -> int:
    return rounds.plan(wiring(), now)


@app.task(name=Job.DISPATCH.value)
def dispatch() -> int:
    return rounds.send(wiring(), now)


@app.task(name=Job.TRIAGE.value)
def triage() -> int:
    return rounds.read(wiring(), now)


@app.task(name=Job.ALERT.value)
def alert() -> int:
    return rounds.tell(wiring(), now)


@app.task(name=Job.SILENCE.value)
def silence() -> int:
    return rounds.close(wiring(), now)


@app.task(name=Job.SETTLE.value)
def settle() -> int:
    return rounds.settle(wiring(), now)


@app.task(name=Job.WAKE.value)
def wake() -> int:
    return rounds.wake(wiring(), now)


@app.task(name=Job.RECONCILE.value)
def reconcile() -> int:
    return rounds.reconcile(wiring(), now)


@app.task(name=Job.CHASE.value)
def chase() -> int:
    return rounds.chase(wiring(), now)


@app.task(name=Job.NOTICING.value)
def learn() -> int:
    return rounds.learn(wiring(), now)


@app.task(name=Job.WATCH.value)
def watch() -> int:
    return rounds.watch(wiring(), now)


@app.task(name=Job.IMPORT.value)
def bring_in() -> int:
    return rounds.bring_in(wiring(), now)


@app.task(name=Job.WELCOME.value)
def welcome() -> int:
    return rounds.welcome(wiring(), now)
