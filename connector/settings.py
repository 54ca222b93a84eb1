"""Everything that differs between one installation and another, read once from the environment.

A missing secret stops the start with a sentence that names every missing setting at once. Nothing
has a default that would be unsafe in production: keys are never invented here, and the demo cannot
be combined with a channel that reaches real phones.
"""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SHORTEST_CALLBACK_TOKEN = 10
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
KEYS_HELP = "make a set with `connector keys` and put it in the environment"


class SettingsError(Exception):
    """The settings cannot be used. The message is one or more plain sentences for an operator."""


class ChannelName(StrEnum):
    SIMULATOR = "simulator"
    TWILIO = "twilio"
    NOTIFY = "notify"


def _named(name: str) -> AliasChoices:
    return AliasChoices(name.lower(), name)


def _listed(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


class Settings(BaseSettings):
    """The settings of one installation. Environment names stand in `docs/operations.md`."""

    model_config = SettingsConfigDict(
        env_prefix="CONNECTOR_", extra="ignore", frozen=True, populate_by_name=True
    )

    demo: bool = False
    data: Path = Path("data")
    database_url: str = Field(default="", validation_alias=_named("DATABASE_URL"))
    redis_url: str = Field(default="", validation_alias=_named("REDIS_URL"))

    secret_key: SecretStr = SecretStr("")
    field_keys: Annotated[list[SecretStr], NoDecode] = Field(default_factory=list)
    index_key: SecretStr = SecretStr("")

    public_url: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    secure_cookies: bool = True
    nation: str = "ENG"
    zone: str = "Europe/London"

    frozen_model: bool = True

    smtp_url: SecretStr = SecretStr("")

    channel: ChannelName = ChannelName.SIMULATOR
    segments_per_second: float = Field(default=10.0, gt=0)
    calls_in_flight: int = Field(default=64, ge=1, le=1000)
    provider_timeout: float = Field(default=10.0, gt=0, le=60)

    twilio_account_sid: str = Field(default="", validation_alias=_named("TWILIO_ACCOUNT_SID"))
    twilio_auth_tokens: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list, validation_alias=_named("TWILIO_AUTH_TOKENS")
    )
    twilio_api_key: str = Field(default="", validation_alias=_named("TWILIO_API_KEY"))
    twilio_api_secret: SecretStr = Field(
        default=SecretStr(""), validation_alias=_named("TWILIO_API_SECRET")
    )
    twilio_sender: str = Field(default="", validation_alias=_named("TWILIO_SENDER"))
    twilio_api_url: str = Field(default="", validation_alias=_named("TWILIO_API_URL"))

    notify_api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=_named("NOTIFY_API_KEY")
    )
    notify_template_id: str = Field(default="", validation_alias=_named("NOTIFY_TEMPLATE_ID"))
    notify_callback_tokens: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list, validation_alias=_named("NOTIFY_CALLBACK_TOKENS")
    )
    notify_api_url: str = Field(default="", validation_alias=_named("NOTIFY_API_URL"))

    @field_validator("field_keys", "twilio_auth_tokens", "notify_callback_tokens", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return _listed(value)

    @model_validator(mode="after")
    def _demo_reaches_nobody(self) -> Self:
        if self.demo and self.channel is not ChannelName.SIMULATOR:
            raise ValueError(
                "CONNECTOR_DEMO and a real channel cannot be used together: "
                "unset CONNECTOR_DEMO, or set CONNECTOR_CHANNEL=simulator."
            )
        return self

    @field_validator("notify_api_key")
    @classmethod
    def _whole_key(cls, key: SecretStr) -> SecretStr:
        written = key.get_secret_value()
        if written and not re.search(rf"-{_UUID}-{_UUID}$", written):
            raise ValueError(
                "NOTIFY_API_KEY is not whole: copy it again, from its name to its last letter."
            )
        return key

    @field_validator("notify_callback_tokens")
    @classmethod
    def _long_enough(cls, tokens: list[SecretStr]) -> list[SecretStr]:
        if any(len(token.get_secret_value()) < SHORTEST_CALLBACK_TOKEN for token in tokens):
            raise ValueError(
                f"NOTIFY_CALLBACK_TOKENS: each needs {SHORTEST_CALLBACK_TOKEN} characters or more."
            )
        return tokens

    @property
    def broker_url(self) -> str:
        """The Redis address in the form Celery reads."""
        return self.redis_url.replace("unix://", "redis+socket://", 1)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def missing(self) -> list[str]:
        """The environment names that must be set before any process of the service may start."""
        needed = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "CONNECTOR_SECRET_KEY": self.secret_key.get_secret_value(),
            "CONNECTOR_FIELD_KEYS": self.field_keys,
            "CONNECTOR_INDEX_KEY": self.index_key.get_secret_value(),
            "CONNECTOR_PUBLIC_URL": self.public_url,
        }
        if self.channel is ChannelName.TWILIO:
            needed |= {
                "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
                "TWILIO_AUTH_TOKENS": self.twilio_auth_tokens,
                "TWILIO_SENDER": self.twilio_sender,
            }
        if self.channel is ChannelName.NOTIFY:
            needed |= {
                "NOTIFY_API_KEY": self.notify_api_key.get_secret_value(),
                "NOTIFY_TEMPLATE_ID": self.notify_template_id,
                "NOTIFY_CALLBACK_TOKENS": self.notify_callback_tokens,
            }
        return [name for name, value in needed.items() if not value]

    def ready(self) -> Self:
        """These settings, when nothing needed is missing. Raises `SettingsError` otherwise."""
        if missing := self.missing():
            raise SettingsError(f"These settings are missing: {', '.join(missing)} ({KEYS_HELP}).")
        return self


def load() -> Settings:
    """The settings of this process, from its environment. Raises `SettingsError` in words."""
    try:
        return Settings().ready()
    except ValidationError as error:
        said = "; ".join(
            str(problem["msg"]).removeprefix("Value error, ") for problem in error.errors()
        )
        raise SettingsError(f"The settings cannot be used: {said}") from None


def inherited() -> dict[str, str]:
    """The environment that a process started from this one is given."""
    return dict(os.environ)


def shipped(name: str) -> Path:
    """Where `templates`, `migrations` or the `Procfile` stand: the wheel, else the checkout."""
    package = Path(__file__).parent
    in_wheel = package / "shipped" / name
    return in_wheel if in_wheel.exists() else package.parent / name
