"""The parts of one process, put together once: database, channel, doorbell, reader.

`transaction` is the only place where anything is committed, and the only place that rings: after
the block, and only when it committed, every job noted on the session is rung.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from connector import clock
from connector.domain.calendar import NIGHT, Calendar, Nation
from connector.domain.reading import Scorer
from connector.domain.working_hours import WorkingHours
from connector.gateways.celery_queue import CeleryDoorbell
from connector.gateways.frozen_model import FrozenModelError, frozen_model
from connector.gateways.notify import NotifyChannel, NotifyDoor
from connector.gateways.phrase_book import phrase_book
from connector.gateways.simulator import SimulatorChannel
from connector.gateways.twilio import TwilioChannel, TwilioDoor
from connector.gateways.wording import LibraryWording, load_crisis_lines
from connector.services.jobs import noted
from connector.services.ports import Channel, Doorbell
from connector.services.understanding import Reader
from connector.settings import ChannelName, Settings, shipped
from connector.store.base import Keyring, make_engine, use_keys
from connector.store.crisis_lines import use_shipped

log = structlog.get_logger()


class DatabaseAwayError(Exception):
    """The database does not answer, or not in time. Nothing was changed."""


@contextmanager
def _in_words() -> Iterator[None]:
    """A driver's word that the database is away becomes one of ours."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise DatabaseAwayError("The database does not answer.") from error


@dataclass
class Wiring:
    """What every edge is given. Build it with `build`; tests hand in fakes of their own."""

    settings: Settings
    engine: Engine
    door_engine: Engine
    channel: Channel
    doorbell: Doorbell
    calendar: Calendar | None = None
    hours: WorkingHours = field(default_factory=WorkingHours)

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        """Sessions that write: on SQLite their transactions take the write lock at once."""
        return sessionmaker(self.engine.execution_options(writes=True), expire_on_commit=False)

    @cached_property
    def readers(self) -> sessionmaker[Session]:
        return sessionmaker(self.engine, expire_on_commit=False)

    @cached_property
    def door_sessions(self) -> sessionmaker[Session]:
        return sessionmaker(self.door_engine, expire_on_commit=False)

    @cached_property
    def reader(self) -> Reader:
        """The rules and texts, loaded when this process first reads a reply."""
        return Reader(
            rules=phrase_book(),
            wording=self.wording,
            hours=self.hours,
            scorer=scorer() if self.settings.frozen_model else None,
            channel=self.channel.name,
            provider_answers=self.channel.capabilities.provider_opt_out,
        )

    @cached_property
    def wording(self) -> LibraryWording:
        """The fixed texts, with the words that this installation has approved."""
        return LibraryWording(shipped("templates") / "sms", self.readers)

    @cached_property
    def twilio_door(self) -> TwilioDoor:
        tokens = [token.get_secret_value() for token in self.settings.twilio_auth_tokens]
        return TwilioDoor(tokens, self.settings.public_url)

    @cached_property
    def notify_door(self) -> NotifyDoor:
        tokens = [token.get_secret_value() for token in self.settings.notify_callback_tokens]
        return NotifyDoor(tokens)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction; what it noted is rung after the commit, and only then."""
        with _in_words(), self.sessions() as session:
            with session.begin():
                yield session
            self._ring(session)

    @contextmanager
    def one_statement(self) -> Iterator[Session]:
        """A session whose every statement commits by itself: one round trip, for the door."""
        with _in_words(), self.door_sessions() as session:
            yield session
            self._ring(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only looks."""
        with _in_words(), self.readers() as session:
            yield session

    def _ring(self, session: Session) -> None:
        for job in noted(session):
            self.doorbell.ring(job)

    def close(self) -> None:
        """Give every connection back; the wiring is not used afterwards."""
        self.channel.close()
        self.engine.dispose()
        self.door_engine.dispose()


def build(settings: Settings, *, doorbell: Doorbell | None = None) -> Wiring:
    """The wiring that `settings` ask for."""
    use_keys(keyring(settings))
    use_shipped(load_crisis_lines(shipped("templates") / "crisis_lines.toml"))
    engine = make_engine(settings.database_url)
    return Wiring(
        settings=settings,
        engine=engine,
        door_engine=make_engine(settings.database_url, autocommit=True),
        channel=_channel(settings, engine),
        doorbell=doorbell or CeleryDoorbell(settings.broker_url),
        calendar=Calendar(nation=Nation(settings.nation), quiet=NIGHT),
        hours=WorkingHours(zone=settings.zone, nation=settings.nation),
    )


def keyring(settings: Settings) -> Keyring:
    """The keys of this installation, newest first."""
    field_keys = [key.get_secret_value() for key in settings.field_keys]
    return Keyring(field_keys, settings.index_key.get_secret_value())


def scorer(load: Callable[[], Scorer] = frozen_model) -> Scorer | None:
    """The frozen model, one a process; none when it cannot be loaded: the rules do without."""
    try:
        return load()
    except (FrozenModelError, OSError) as error:
        log.error("the frozen model is not used", error=type(error).__name__, why=str(error))
        return None


def _channel(settings: Settings, engine: Engine) -> Channel:
    """The one channel that the settings name; nothing ever goes out by another."""
    if settings.channel is ChannelName.SIMULATOR:
        return SimulatorChannel(sessionmaker(engine.execution_options(writes=True)), clock.now)
    return _notify(settings) if settings.channel is ChannelName.NOTIFY else _twilio(settings)


def _twilio(settings: Settings) -> TwilioChannel:
    return TwilioChannel(
        account_sid=settings.twilio_account_sid,
        username=settings.twilio_api_key or settings.twilio_account_sid,
        password=(
            settings.twilio_api_secret.get_secret_value()
            or settings.twilio_auth_tokens[0].get_secret_value()
        ),
        sender=settings.twilio_sender,
        public_url=settings.public_url,
        timeout=settings.provider_timeout,
        calls_in_flight=settings.calls_in_flight,
        clock=clock.now,
        api_url=settings.twilio_api_url,
    )


def _notify(settings: Settings) -> NotifyChannel:
    return NotifyChannel(
        api_key=settings.notify_api_key.get_secret_value(),
        template_id=settings.notify_template_id,
        public_url=settings.public_url,
        timeout=settings.provider_timeout,
        calls_in_flight=settings.calls_in_flight,
        clock=clock.now,
        api_url=settings.notify_api_url,
    )
