"""Who may act on a desk, and who manages it: what Telegram says of somebody, remembered for a minute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.delivery.errors import TelegramRefused
from bot.staff.access import REMEMBERED, Access

DESK, SOMEBODY = -1_001_000, 5_000


class Chat:
    """A chat that says what somebody is to it, and a clock."""

    def __init__(self, *answers: Mapping[str, Any]) -> None:
        self.answers, self.asked, self.now = list(answers), 0, 0.0
        self.access = Access(self._get_member, lambda: self.now)

    async def _get_member(self, chat_id: int, user_id: int) -> Mapping[str, Any]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return answer

    async def standing(self) -> tuple[bool, bool, bool]:
        """Whether they are a member, an administrator, and one who has left."""
        await self.access.ask(DESK, SOMEBODY)
        asked = self.access
        return asked.is_member(DESK, SOMEBODY), asked.is_administrator(DESK, SOMEBODY), asked.has_left(DESK, SOMEBODY)


@pytest.mark.parametrize(
    ("answer", "member", "administrator", "left"),
    [
        ({"status": "creator"}, True, True, False),
        ({"status": "administrator"}, True, True, False),
        ({"status": "member"}, True, False, False),
        ({"status": "restricted", "is_member": True}, True, False, False),
        ({"status": "restricted", "is_member": False}, False, False, True),
        ({"status": "restricted"}, False, False, True),
        ({"status": "left"}, False, False, True),
        ({"status": "kicked"}, False, False, True),
        ({"status": "emperor"}, False, False, False),
        ({}, False, False, False),
    ],
)
async def test_what_telegram_says_of_somebody_is_what_they_may(
    answer: dict[str, Any], member: bool, administrator: bool, left: bool
) -> None:
    assert await Chat(answer).standing() == (member, administrator, left)


async def test_of_whom_nothing_was_asked_nothing_is_known() -> None:
    access = Chat({"status": "creator"}).access
    assert not access.is_member(DESK, SOMEBODY)
    assert not access.is_administrator(DESK, SOMEBODY)
    assert not access.has_left(DESK, SOMEBODY)


async def test_one_who_writes_as_the_chat_manages_it_and_one_who_writes_as_a_channel_does_not() -> None:
    chat = Chat({"status": "creator"})
    channel = -1_001_999
    await chat.access.ask(DESK, channel)
    assert chat.asked == 0
    assert chat.access.is_administrator(DESK, DESK)
    assert not chat.access.is_member(DESK, channel)


async def test_a_right_taken_away_holds_no_longer_than_a_minute_and_ends_when_it_is_told() -> None:
    chat = Chat({"status": "administrator"}, {"status": "member"}, {"status": "left"})
    assert await chat.standing() == (True, True, False)
    chat.now = REMEMBERED - 1
    assert await chat.standing() == (True, True, False)
    chat.now = REMEMBERED
    assert await chat.standing() == (True, False, False)
    chat.access.forget(DESK, SOMEBODY)
    assert await chat.standing() == (False, False, True)


async def test_somebody_whom_telegram_does_not_tell_of_is_no_member_and_has_not_left() -> None:
    async def refuses(chat_id: int, user_id: int) -> Mapping[str, Any]:
        raise TelegramRefused("getChatMember", 400, "Bad Request: PARTICIPANT_ID_INVALID")

    access = Access(refuses)
    await access.ask(DESK, SOMEBODY)
    assert not access.is_member(DESK, SOMEBODY)
    assert not access.has_left(DESK, SOMEBODY)
