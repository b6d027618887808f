"""aiogram's state storage as a view on the turn: the row was loaded with the turn and is saved with it, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from bot.telegram.turn import current


class TurnStorage(BaseStorage):
    """Reads and writes the current turn's state and data, whatever the key: a turn belongs to one chat."""

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Set the dialogue's state."""
        current.get().state = state.state if isinstance(state, State) else state

    async def get_state(self, key: StorageKey) -> str | None:
        """Give the dialogue's state."""
        return current.get().state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Replace the dialogue's data."""
        current.get().data = dict(data)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """Give the dialogue's data."""
        return current.get().data

    async def close(self) -> None:
        """There is nothing to close: the turn owns the connection."""
