"""What an operator is told when a command fails: one line for a known trouble, type and place for any other.

An exception's own text is told only where it is ours: a library's may hold a token, an address or what people wrote.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.settings import BadSetting, Settings

HERE: Final = Path(__file__).resolve().parent
LISTENERS: Final = ("sandbox_listen", "health_listen", "webhook_listen")


FAILED: Final = 1
KEYS_DO_NOT_FIT: Final = 78
"""EX_CONFIG of sysexits.h: starting again mends nothing. For systemd: RestartPreventExitStatus=78."""


def exit_code(error: BaseException) -> int:
    """Give the code that a command ends with."""
    from bot.privacy.wrapping import KeyTrouble

    return KEYS_DO_NOT_FIT if isinstance(error, KeyTrouble) else FAILED


def explain(error: BaseException, settings: Settings | None) -> str:
    """Give the lines that an operator is told."""
    from sqlalchemy.exc import DBAPIError

    from bot.backup_rules import BackupRefused
    from bot.embedded_cluster import EmbeddedFailed
    from bot.migrate import NotMigrated
    from bot.privacy.wrapping import KeyTrouble
    from bot.rotation import RotationRefused
    from bot.running import AlreadyRuns, RanWithToken
    from bot.texts import TextsBroken

    if isinstance(error, (BadSetting, TextsBroken, EmbeddedFailed)):
        return str(error)
    if isinstance(error, BackupRefused):
        return str(error) or error.__doc__ or ""
    if isinstance(error, (KeyTrouble, RotationRefused, NotMigrated, RanWithToken, AlreadyRuns)):
        return error.__doc__ or ""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE and settings:
        return _in_use(str(error), settings)
    if isinstance(error, DBAPIError):
        # The dialect wraps the driver's error, whose type says most.
        reason = type((error.orig and error.orig.__cause__) or error.orig).__name__
        told = f"The database refuses ({reason}): `shekteu check` says what is amiss."
        return told if error.statement is None else f"{told}\n{_trail(error)}"
    return f"This was not foreseen; type and place say more to those who look after the program.\n{_trail(error)}"


def _in_use(told: str, settings: Settings) -> str:
    """Name the setting whose port is taken."""
    for name in LISTENERS:
        host, port = getattr(settings, name)
        if str(port) in told:
            return f"{name.upper()}: another program listens on {host}:{port}; stop it, or set {name.upper()}=host:port"
    return "An address to listen on is taken: see SANDBOX_LISTEN, HEALTH_LISTEN and WEBHOOK_LISTEN"


def _trail(error: BaseException) -> str:
    """Give type and place of an exception, and of those that a group of tasks gathered."""
    return "\n".join(f"{type(each).__name__}\n{_places(each)}" for each in _leaves(error))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error


def _places(error: BaseException) -> str:
    """List the places of ours that it passed and the one where it arose, without source lines."""
    frames = traceback.extract_tb(error.__traceback__)
    kept = [frame for frame in frames[:-1] if Path(frame.filename).is_relative_to(HERE)] + frames[-1:]
    return "\n".join(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in kept)
