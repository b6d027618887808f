"""The shortest road: a link pasted, sent, seen on the desk, answered."""

from __future__ import annotations

import re

import pytest

from bot.wording import Wording
from tests.conftest import open_stage
from tests.stage import Stage


async def report_link(stage: Stage) -> str:
    citizen = stage.citizen()
    pasted = stage.sandbox.send_text(citizen, "https://T.me/Some_Shop")
    await stage.says(citizen, "t.me/some_shop", after=pasted)
    sent = stage.sandbox.press_reply(citizen, "Отправить")
    thanks = await stage.says(citizen, "Код:", after=sent)
    receipt = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", thanks.text or "")
    assert receipt
    card = await stage.card("t.me/some_shop")
    stage.sandbox.press(stage.officer, card.id, "Взять", chat=stage.desk)
    await stage.sandbox.wait_for(lambda: "Айгерим" in (card.text or ""))
    stage.sandbox.press(stage.officer, card.id, "Доступ закрыт", chat=stage.desk)
    await stage.says(citizen, "Есть ответ", after=thanks)
    # The code tells a decision from the moment that its feedback is marked as sent, which follows what is seen here.
    await stage.until("SELECT bool_and(outcome IS NOT NULL) FROM messages")
    asked = stage.sandbox.send_text(citizen, f"/status {receipt[0]}")
    await stage.says(citizen, "Есть ответ", after=asked)
    return receipt[0]


@pytest.mark.parametrize("webhook", [False, True])
async def test_a_citizen_gets_feedback_after_the_link_is_blocked(
    database_url: str, wording: Wording, webhook: bool
) -> None:
    async with open_stage(database_url, wording, webhook=webhook) as stage:
        await report_link(stage)
        assert stage.sandbox.errors == []
        assert stage.sandbox.refused_rides == []
