"""An officer leaves the desk: what was theirs is free again, is told of once, and the journal says who released it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.database import driver
from bot.journal import Verifying
from bot.reports import releasing
from bot.reports.releasing import Holder
from bot.sandbox.world import Message, Person
from tests.journeys.acting import Citizen, Desk, chained, settled, unique
from tests.stage import Stage

REST = "новые в /queue, остальные ждут ответа или закрытия доступа."


def joins(stage: Stage, name: str) -> Person:
    person = stage.sandbox.add_person(name)
    stage.sandbox.join(person, stage.desk, status="member")
    return person


async def press(stage: Stage, person: Person, card: Message, button: str) -> str | None:
    query = stage.sandbox.presses[stage.sandbox.press(person, card.id, button, chat=stage.desk)]
    await stage.sandbox.wait_for(lambda: query.answered)
    await settled(stage)
    return query.text


def told(desk: Desk, name: str) -> list[str]:
    return [post.words for post in desk.posts if f"{name} больше не в этом чате" in post.words]


async def test_what_an_officer_had_in_hand_is_free_again_when_they_leave(stage: Stage) -> None:
    desk, leaver, stayer = Desk(stage), joins(stage, "Ербол"), joins(stage, "Сауле")
    shop, many = unique(), unique("list")
    await Citizen(stage).files("link", f"t.me/{shop}")
    listing = Citizen(stage)
    listing.types(" ".join(f"t.me/{many}_{n}" for n in range(6)))
    await listing.reads("")
    await listing.sends()
    for word in ("у рынка", "за школой", "во дворе", "у вокзала"):
        await Citizen(stage).files("den", f"притон {word}")
    asked = Citizen(stage)
    receipt = await asked.files("stash", f"тайник {shop}")
    doubted = unique("doubt")
    doubtful = Citizen(stage)
    await doubtful.files("link", f"t.me/{doubted}")
    await settled(stage)
    link, listed, doubt = await desk.sees(f"t.me/{shop}"), await desk.sees(f"{many}_0"), await desk.sees(doubted)
    market, school, yard, station = [
        await desk.sees(word) for word in ("у рынка", "за школой", "во дворе", "у вокзала")
    ]
    stash = await desk.sees(f"тайник {shop}")
    for card in (link, listed, doubt, market, school, yard):
        assert await press(stage, leaver, card, "Взять") == "Готово"
    assert await press(stage, stayer, station, "Взять") == "Готово"
    assert await press(stage, leaver, school, "Не подтвердилось") == "Готово"
    # A question that is out, and one that is only being put together.
    assert await press(stage, leaver, stash, "Спросить") == "Готово"
    assert await press(stage, leaver, desk.replies(stash)[0], "Где именно") == "Готово"
    assert await press(stage, leaver, doubt, "Спросить") == "Готово"
    assert await press(stage, leaver, desk.replies(doubt)[0], "Скриншот") == "Готово"
    assert await press(stage, leaver, market, "Спросить") == "Готово"
    [form] = desk.replies(market)
    assert "вопрос гражданину" in form.words

    stage.sandbox.leave(leaver, stage.desk)
    await settled(stage)
    for card in (link, listed, market, yard):
        await desk.shows(card, "Статус: новое")
        assert "Ербол" not in card.words
        assert "Взять" in [button["text"] for row in card.inline for button in row]
    await desk.shows(stash, "Статус: ждём ответа")
    assert "Ербол" not in stash.words
    assert "решено · Ербол" in school.words, "what was decided stays as it was decided, and by whom"
    assert "в работе · Сауле" in station.words
    await desk.shows(form, "Всё осталось как было")
    assert told(desk, "Ербол") == [f"Ербол больше не в этом чате. Снова свободны 6 карточек: {REST}"]
    rows = await stage.fetch("SELECT sort, officer, officer_name FROM journal WHERE act = 'release'")
    assert {(row["officer"], row["officer_name"]) for row in rows} == {(0, "bot")}
    # Two links, the list with its six, the two dens, and the stash.
    assert sorted(row["sort"] for row in rows) == ["report"] * 4 + ["resource"] * 8
    assert await stage.fetch("SELECT 1 FROM resources WHERE claimed_by IS NOT NULL") == []
    # The link whose citizen was asked is free; its report waits for the answer all the same.
    found = await stage.fetch("SELECT status FROM reports WHERE kind = 'link' ORDER BY number")
    assert [row["status"] for row in found] == ["new", "new", "needs_info"]
    other = Citizen(stage)
    other.types(receipt)
    await other.reads("Где именно")
    # Whoever stayed takes it, and the answer comes in all the same.
    assert await press(stage, stayer, yard, "Взять") == "Готово"
    await desk.shows(yard, "в работе · Сауле")


async def test_the_chain_holds_over_what_the_bot_has_released(stage: Stage) -> None:
    await chained(stage)
    found = await Verifying(stage.database, stage.app.ring, stage.now()).run()
    assert found.wrong == []
    assert found.head


@pytest.mark.parametrize("how", ["kicked", "restricted"])
async def test_whoever_was_put_out_holds_nothing_any_more(stage: Stage, how: str) -> None:
    desk, name = Desk(stage), unique("Officer")
    leaver = joins(stage, name)
    await Citizen(stage).files("den", f"притон {name}")
    card = await desk.sees(f"притон {name}")
    assert await press(stage, leaver, card, "Взять") == "Готово"
    if how == "kicked":
        stage.sandbox.join(leaver, stage.desk, status="kicked")
    else:
        await member_update(stage, leaver, {"status": "restricted", "is_member": False})
    await desk.shows(card, "Статус: новое")
    assert len(told(desk, name)) == 1


async def test_a_right_taken_away_releases_nothing(stage: Stage) -> None:
    desk, name = Desk(stage), unique("Officer")
    officer = joins(stage, name)
    await Citizen(stage).files("den", f"притон {name}")
    card = await desk.sees(f"притон {name}")
    assert await press(stage, officer, card, "Взять") == "Готово"
    await member_update(stage, officer, {"status": "restricted", "is_member": True})
    stage.sandbox.join(officer, stage.desk, status="administrator")
    stage.sandbox.join(officer, stage.desk, status="member")
    await settled(stage)
    assert name in card.words
    assert told(desk, name) == []


async def test_one_found_out_at_a_press_to_have_left_holds_nothing_any_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, name = Desk(stage), unique("Officer")
    leaver = joins(stage, name)
    await Citizen(stage).files("den", f"притон {name}")
    card = await desk.sees(f"притон {name}")
    assert await press(stage, leaver, card, "Взять") == "Готово"
    # They left while the bot could not see the chat: no update tells of it.
    stage.sandbox.world.groups[stage.desk.id].members[leaver.id].status = "left"
    stage.app.access.forget(stage.desk.id, leaver.id)
    assert "только сотрудники" in (await press(stage, leaver, card, "Не подтвердилось") or "")
    await desk.shows(card, "Статус: новое")
    assert len(told(desk, name)) == 1
    assert "только сотрудники" in (await press(stage, leaver, card, "Взять") or "")
    assert len(told(desk, name)) == 1


async def test_thousands_are_released_in_batches_and_told_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the job is ended in between: it begins again, and goes on with what is left."""
    monkeypatch.setattr(releasing, "BATCH", 40)
    desk, name = Desk(stage), unique("Officer")
    leaver = joins(stage, name)
    await stage.fetch(HOLDS, leaver.id, name, 510)
    # What they hold on the desk of another office, which they have not left, stays theirs.
    await stage.fetch(ELSEWHERE, name)
    batch, ended = stage.app.releasing._batch, []

    async def ends_once(*given: Any) -> bool:
        more = await batch(*given)
        ended.append(more)
        if len(ended) == 3:
            raise RuntimeError
        return more

    monkeypatch.setattr(stage.app.releasing, "_batch", ends_once)
    async with stage.database.transaction() as connection:
        raw = await driver(connection)
        # A press while the job waits: it is told once.
        for _ in range(2):
            await stage.app.releasing.begin(raw, Holder(0, leaver.id), stage.now())
    await stage.until(f"SELECT count(*) = 10 FROM resources WHERE claimed_by = {leaver.id}")
    await settled(stage)
    assert len(ended) == 15, "500 by 40, the report's batch before, and again after the job was ended"
    assert told(desk, name) == [f"{name} больше не в этом чате. Снова свободны 500 карточек: {REST}"]
    rows = await stage.fetch(
        "SELECT subject FROM journal WHERE act = 'release' AND subject IN (SELECT id FROM resources WHERE what = $1)",
        name,
    )
    assert len({row["subject"] for row in rows}) == len(rows) == 500
    await stage.fetch("DELETE FROM jobs.pgqueuer")
    await stage.fetch("DELETE FROM cards WHERE subject IN (SELECT id FROM resources WHERE what = $1)", name)
    await stage.fetch("DELETE FROM resources WHERE what = $1", name)


HOLDS = """
WITH held AS (
  INSERT INTO resources (id, key, platform, what, url, status, reopened, first_reported_at, opened_at, times_reported,
    claimed_by, claimed_name)
  SELECT gen_random_uuid(), uuid_send(gen_random_uuid()), 'telegram', $2, 't.me/' || n, 'in_progress', false,
    now(), now(), 1, $1, $2 FROM generate_series(1, $3) AS n RETURNING id
)
INSERT INTO cards (id, recipient, sort, subject, wanted_version, shown_version, due_at, attempts)
SELECT gen_random_uuid(), 'desk', 'resource', id, 1, 1000, now(), 0 FROM held
"""


ELSEWHERE = """
UPDATE cards SET recipient = 'desk:7'
WHERE subject IN (SELECT id FROM resources WHERE what = $1 ORDER BY id LIMIT 10)
"""


async def member_update(stage: Stage, person: Person, new: dict[str, Any]) -> None:
    """Telegram tells that somebody's standing in the desk's chat has changed."""
    user = {"id": person.id, "is_bot": False, "first_name": person.first_name}
    rights = dict.fromkeys(RIGHTS, False)
    stage.sandbox.raw_update(
        {
            "chat_member": {
                "chat": {"id": stage.desk.id, "type": "supergroup", "title": stage.desk.title},
                "from": {"id": stage.officer.id, "is_bot": False, "first_name": stage.officer.first_name},
                "date": int(stage.now().timestamp()),
                "old_chat_member": {"status": "member", "user": user},
                "new_chat_member": {"user": user, "until_date": 0, **rights, **new},
            }
        }
    )
    await settled(stage)


RIGHTS = (
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
    *("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages"),
    *("can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
    *("can_edit_tag", "can_react_to_messages"),
)
