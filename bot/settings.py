"""Every setting: its name, its default and what it is for. Read from the environment and `.env`."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.languages import Language
from bot.working_time import WorkingTime

TELEGRAM_API = "https://api.telegram.org"
LAST_PORT = 65_535


class BadSetting(Exception):
    """A setting is missing or malformed; the message names it and says what it wants."""


def _address(value: Any) -> Any:
    if isinstance(value, str) and (match := re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})", value)):
        port = int(match[2])
        return (match[1].strip("[]"), port) if port <= LAST_PORT else value
    return value


def _minutes(value: Any) -> Any:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+)-(\d+)", value)) and int(match[1]) <= int(match[2]):
        return int(match[1]), int(match[2])
    return value


Address = Annotated[tuple[str, int], NoDecode, BeforeValidator(_address)]
Minutes = Annotated[tuple[int, int], NoDecode, BeforeValidator(_minutes)]


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    bot_token: SecretStr | None = Field(None, description="the token from BotFather, like 123456:ABC-DEF")
    staff_chat_id: int | None = Field(None, description="the id of the desk's chat, like -1001234567890")
    database_url: SecretStr | None = Field(None, description="postgresql://user:password@host/name")
    data_dir: Path = Field(Path(".shekteu"), description="a folder")
    templates_dir: Path = Field(Path("templates"), description="the folder of the texts")
    secret_key: SecretStr | None = Field(None, description="32 random bytes in base64")
    secret_key_file: Path | None = Field(None, description="a file that holds 32 random bytes in base64")
    secret_key_previous: SecretStr | None = Field(None, description="32 random bytes in base64")
    telegram_api_url: str = Field(TELEGRAM_API, pattern=r"^https?://[^\s]+$", description="an http(s) address")
    webhook_url: str | None = Field(None, pattern=r"^https?://[^\s]+$", description="an https address")
    webhook_secret: SecretStr | None = Field(None, description="1-256 characters of A-Z a-z 0-9 _ -")
    webhook_listen: Address = Field(("0.0.0.0", 8081), description="host:port")  # noqa: S104 — behind a proxy, in a container
    health_listen: Address = Field(("127.0.0.1", 8082), description="host:port")
    sandbox_listen: Address = Field(("127.0.0.1", 8080), description="host:port on loopback")
    default_language: Language = Field(Language.KK, description="kk, ru or en")
    desk_language: Language = Field(Language.RU, description="kk, ru or en")
    retention_days: int = Field(365, ge=1, description="days, 1 or more")
    return_address_days: int = Field(14, ge=1, description="days, 1 or more")
    return_address_max_days: int = Field(90, ge=1, description="days, 1 or more")
    office_hours: str = Field("Mon-Fri 09:00-18:30", description="like Mon-Fri 09:00-18:30")
    timezone: str = Field("Asia/Almaty", description="a time zone like Asia/Almaty")
    claim_hours: int = Field(8, ge=1, description="working hours, 1 or more")
    decide_days: int = Field(3, ge=1, description="working days, 1 or more")
    reports_per_hour: int = Field(60, ge=1, description="a number, 1 or more")
    feedback_delay_minutes: Minutes | None = Field(None, description="minutes, like 2-20")
    undo_seconds: int | None = Field(None, ge=0, description="seconds, 0 or more")
    desk_topics: Literal["kind", "district", "none"] = Field("kind", description="kind, district or none")
    evidence_originals: bool = Field(False, description="on or off")
    probe: bool = Field(False, description="on or off")
    probe_proxy: SecretStr | None = Field(None, description="a proxy's address, like socks5://host:port")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"\d{1,20}:[\w-]{20,100}", value.get_secret_value()):
            raise ValueError
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[\w-]{1,256}", value.get_secret_value(), re.ASCII):
            raise ValueError
        return value

    @field_validator("secret_key", "secret_key_previous")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        if value:
            decode_key(value.get_secret_value())
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.match(r"postgres(ql)?://", value.get_secret_value()):
            raise ValueError
        return value

    @field_validator("probe_proxy")
    @classmethod
    def _proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"(socks5h?|socks4|http)://[^\s/]+:\d{1,5}/?", value.get_secret_value()):
            raise ValueError
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError from error
        return value

    @field_validator("office_hours")
    @classmethod
    def _office_hours(cls, value: str) -> str:
        WorkingTime(value, "UTC")
        return value

    @field_validator("sandbox_listen")
    @classmethod
    def _loopback(cls, value: tuple[str, int]) -> tuple[str, int]:
        if value[0] not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError
        return value

    @model_validator(mode="after")
    def _together(self) -> Settings:
        if self.webhook_url and not self.webhook_secret:
            raise BadSetting("WEBHOOK_SECRET: with WEBHOOK_URL it is needed, 1-256 characters of A-Z a-z 0-9 _ -")
        if self.secret_key and self.secret_key_file:
            raise BadSetting("SECRET_KEY_FILE: set either it or SECRET_KEY, not both")
        days = self.return_address_days
        # An answer must find its way for as long as it is promised, and the words that it answers must still be there.
        for name in ("return_address_max_days", "retention_days"):
            if getattr(self, name) < days:
                raise BadSetting(f"{name.upper()}: wants {days} or more, as many as RETURN_ADDRESS_DAYS")
        return self

    @property
    def sandboxed(self) -> bool:
        """Tell whether there is no token, so that the sandbox takes Telegram's place."""
        return self.bot_token is None

    @property
    def feedback_delay(self) -> tuple[int, int]:
        """Give the random wait of what an officer caused, in seconds, from and to."""
        low, high = self.feedback_delay_minutes or ((0, 0) if self.sandboxed else (2, 20))
        return low * 60, high * 60

    @property
    def undo(self) -> int:
        """Give for how many seconds a press can be taken back."""
        return self.undo_seconds if self.undo_seconds is not None else (5 if self.sandboxed else 30)

    @property
    def home(self) -> Path:
        """Give the folder for this run's database and keys: the sandbox keeps its own."""
        return self.data_dir / "sandbox" if self.sandboxed else self.data_dir


def decode_key(text: str) -> bytes:
    """Read a 32-byte key from base64; raise ValueError when it is anything else."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != 32:
        raise ValueError("not 32 bytes")
    return key


def load(**overrides: Any) -> Settings:
    """Read the settings; raise BadSetting with one line that names the setting and what it wants."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        wants = Settings.model_fields[name].description
        raise BadSetting(f"{name.upper()}: wants {wants}") from None
