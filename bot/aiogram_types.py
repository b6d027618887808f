"""aiogram's types, made when they are first used: with all 400 made at its import, starting takes twice as long.

Of each type pydantic makes a validator, and in it one of every type that it can hold. The bot needs that of Update
alone. What aiogram hands to `model_rebuild` while it is imported, the names of its types, is kept for those that
somebody needs later. Whoever imports aiogram sooner has all of them made, which is slower and no different.
"""

from __future__ import annotations

import sys
from typing import Any

from pydantic import BaseModel

AT_ONCE = BaseModel.__dict__["model_rebuild"]


def _import_aiogram() -> None:
    names: dict[str, Any] = {}

    def later(cls: type[BaseModel], /, **options: Any) -> bool | None:
        if not cls.__module__.startswith("aiogram.types."):
            made: bool | None = AT_ONCE.__get__(None, cls)(**options)
            return made
        names.update(options.get("_types_namespace") or {})
        return False

    BaseModel.model_rebuild = classmethod(later)  # type: ignore[assignment, method-assign]
    try:
        import aiogram.types
    finally:
        BaseModel.model_rebuild = AT_ONCE  # type: ignore[method-assign]
    from aiogram.methods.base import Response, TelegramMethod

    def when_used(cls: type[BaseModel], /, **options: Any) -> bool | None:
        made: bool | None = AT_ONCE.__get__(None, cls)(**{"_types_namespace": names} | options)
        return made

    for base in (aiogram.types.TelegramObject, TelegramMethod, Response):
        base.model_rebuild = classmethod(when_used)  # type: ignore[assignment, method-assign]
    # This one is needed, and the first update should not have to wait for it.
    aiogram.types.Update.model_rebuild()


if "aiogram" not in sys.modules:
    _import_aiogram()
