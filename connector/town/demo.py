"""Fills the demonstration's town on a first start, and says who may sign in.

Never part of a live installation: nothing there imports it. A town that has residents already is
left as it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.about import About
from connector.domain.cadence import Weekday
from connector.domain.programme import Programme
from connector.domain.rota import Member
from connector.gateways.programme_files import FOLDER, ProgrammeFiles
from connector.services import accounts
from connector.services import programmes as service
from connector.services.accounts import DEMO_SIGN_INS
from connector.services.jobs import noted
from connector.settings import shipped
from connector.store import about, programmes, staff, views
from connector.town.people import DAN, GOOD_THINGS, ROUND_THE_CORNER, TEAM, Group
from connector.town.story import WEEKS, Story, Town
from connector.wiring import Wiring

SIGN_INS = tuple(f"{one.role.value:<14}{one.email}  {one.password}" for one in DEMO_SIGN_INS)
"""One line an account: what they are, and what to sign in with."""

ANSWERS_ARE_IN = time(13)
"""By when most people have answered the morning's text."""
FOUR_QUESTIONS = "four-questions-about-life"
PROMPT_DAYS = (Weekday.TUE, Weekday.THU, Weekday.WED, Weekday.MON, Weekday.FRI)
PUBLIC_PAGE = About(
    {
        "organisation": "Round the Corner at the Library",
        "number": "07700 900100",
        "phone": "01632 960100",
        "email": "roundthecorner@demo.example",
        "address": "The Library, High Street",
    },
    {
        ("who_reads", "en"): "Priya, Dan and Morag work at the library and read every reply.",
        ("who_reads", "cy"): "Mae Priya, Dan a Morag yn y llyfrgell yn darllen pob ateb.",
        ("hours", "en"): "We read them from Monday to Friday, 9am to 5pm.",
        ("hours", "cy"): "Byddwn yn eu darllen o ddydd Llun i ddydd Gwener, 9am i 5pm.",
        ("keeps", "en"): "We keep texts and notes for two years after the last one.",
        ("keeps", "cy"): "Rydym yn cadw negeseuon a nodiadau am ddwy flynedd wedi'r un olaf.",
        ("complaints", "en"): "Write to Morag at the library, ring, or send an email.",
        ("complaints", "cy"): "Ysgrifennwch at Morag yn y llyfrgell, neu ffoniwch.",
    },
)
"""Invented, as everything here: numbers set aside for drama, addresses that lead nowhere."""
_DAY_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def fill(session: Session, wiring: Wiring, now: datetime) -> None:
    """Staff, residents, programmes and some ten weeks of life up to `now`, in this transaction.

    Does nothing when there are residents already.
    """
    if views.residents(session, limit=1):
        return
    today = now.astimezone(ZoneInfo(wiring.settings.zone))
    asked_on = {Group.MOST: _last_asked(wiring, today), Group.TODAY: today.date()}
    team = _staff(session)
    town = Town(
        programmes=_programmes(session, asked_on),
        staff=team,
        last_asked={**asked_on, Group.TODAY: today.date() - timedelta(weeks=1)},
    )
    Story(session, wiring, town, now).run()
    _a_draft(session, today.date(), by=team["Morag"], now=now)
    about.save(session, PUBLIC_PAGE, edits=0, by=team["Morag"].id, now=now)
    noted(session)  # Nobody listens yet; the first tick finds what there is to do.


def _staff(session: Session) -> dict[str, Member]:
    """The team by first name."""
    ids = [
        accounts.add(session, member, sign_in.password)
        for member, sign_in in zip(TEAM, DEMO_SIGN_INS, strict=True)
    ]
    ids.append(staff.add(session, DAN, password_hash="", session_key=secrets.token_urlsafe(24)))
    members = [replace(one, id=id_) for one, id_ in zip((*TEAM, DAN), ids, strict=True)]
    return {member.name.split()[0]: member for member in members}


def _last_asked(wiring: Wiring, today: datetime) -> date:
    """The last working day whose answers are in."""
    day = today.date()
    while not wiring.hours.works_on(day) or (day == today.date() and today.time() < ANSWERS_ARE_IN):
        day -= timedelta(days=1)
    return day


def _programmes(session: Session, asked_on: Mapping[Group, date]) -> dict[str, Programme]:
    """The shipped programmes on days that suit the story, stored; by group or key."""
    first_day = asked_on[Group.TODAY] - timedelta(weeks=WEEKS)
    files = ProgrammeFiles(shipped("templates") / FOLDER).load_all(starts_on=first_day)
    weekly = files["weekly-check-in"]
    days = {group: tuple(Weekday)[day.weekday()] for group, day in asked_on.items()}
    good, corner = [day for day in PROMPT_DAYS if day not in days.values()][:2]
    wanted = {
        Group.MOST.value: _moved(weekly, "Weekly check-in", days[Group.MOST]),
        Group.TODAY.value: _moved(weekly, "Weekly check-in, second group", days[Group.TODAY]),
        GOOD_THINGS: _moved(files[GOOD_THINGS], f"{_name(good)} with Priya", good),
        ROUND_THE_CORNER: _moved(files[ROUND_THE_CORNER], f"{_name(corner)} with Dan", corner),
    }
    return {
        key: replace(programme, id=programmes.add(session, programme))
        for key, programme in wanted.items()
    }


def _a_draft(session: Session, today: date, *, by: Member, now: datetime) -> None:
    """A programme that nobody is on and nothing is sent of yet, to look at and to try out."""
    files = ProgrammeFiles(shipped("templates") / FOLDER).load_all(starts_on=today)
    service.create(session, files[FOUR_QUESTIONS], by=by, now=now)


def _moved(programme: Programme, name: str, day: Weekday) -> Programme:
    return replace(programme, name=name, cadence=replace(programme.cadence, days=(day,)))


def _name(day: Weekday) -> str:
    return _DAY_NAMES[day.number]
