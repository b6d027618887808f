"""The page in a real browser: a citizen and an officer at work, with a bot that the test plays."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.sandbox.conftest import Stand, picture

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = os.environ.get("REQUIRE_CHROMIUM") == "1"
QUIET = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
# Patience, so that no test depends on how fast the machine is.
expect.set_options(timeout=30_000)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED,
    reason="the page is tried in a real browser only where chromium is installed (Debian: apt install chromium)",
)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all; each test has a context of its own, which shares nothing with the others'."""
    if CHROMIUM is None:
        pytest.fail("REQUIRE_CHROMIUM=1, but chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def page(stand: Stand, browser: Browser) -> AsyncIterator[Page]:
    """The page in Russian, and not one error in its console."""
    stand.sandbox.zone = ZoneInfo("Asia/Almaty")
    del stand.sandbox.world.people[stand.citizen.id]
    wrong: list[str] = []
    # Whoever looks may sit in another zone than the bot.
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="ru-RU", timezone_id="America/New_York"
    )
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(stand.sandbox.url) else wrong.append(asked.url))
    await page.goto(stand.sandbox.url)
    yield page
    await context.close()
    assert wrong == []


async def add_citizen(stand: Stand, page: Page, name: str) -> int:
    await page.get_by_role("button", name="Добавить гражданина").click()
    await page.get_by_label("Имя").fill(name)
    await page.keyboard.press("Enter")
    await expect(page.locator("#people").get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
    return next(person.id for person in stand.sandbox.world.people.values() if person.first_name == name)


async def test_a_citizen_types_presses_sends_photos_and_sees_edits_and_deletions(
    stand: Stand, page: Page, tmp_path: Path
) -> None:
    chat = await add_citizen(stand, page, "Ольга")
    phone = page.locator("#phone")
    await phone.get_by_role("button", name="Начать").click()
    await expect(phone.locator(".own .words", has_text="/start")).to_be_visible()
    keyboard = {"keyboard": [[{"text": "Ссылка"}, {"text": "Граффити"}]]}
    menu = await stand.call("sendMessage", chat_id=chat, text="<b>Меню</b>", parse_mode="HTML", reply_markup=keyboard)
    await expect(phone.locator("b", has_text="Меню")).to_be_visible()
    sent_at = datetime.fromtimestamp(menu["date"], stand.sandbox.zone)
    await expect(phone.locator(".message.bot time").last).to_have_text(f"{sent_at:%H:%M}")

    await phone.get_by_role("textbox", name="Сообщение").fill("<img src=x onerror=alert(1)> t.me/x")
    await page.keyboard.press("Enter")
    await expect(phone.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert await phone.locator(".words img").count() == 0
    typed = stand.sandbox.last(chat, from_bot=False)
    assert typed is not None
    assert typed.text == "<img src=x onerror=alert(1)> t.me/x"

    await phone.locator(".keyboard").get_by_role("button", name="Граффити").click()
    await expect(phone.locator(".own .words", has_text="Граффити")).to_be_visible()
    pressed = stand.sandbox.last(chat, from_bot=False)
    assert pressed is not None
    assert pressed.text == "Граффити"

    rows = [[{"text": "Да", "callback_data": "yes"}, {"text": "Взять ссылку", "copy_text": {"text": "t.me/x"}}]]
    asked = await stand.call("sendMessage", chat_id=chat, text="Верно?", reply_markup={"inline_keyboard": rows})
    await phone.get_by_role("button", name="Да", exact=True).click()
    press = await stand.sandbox.wait_for(lambda: next(iter(stand.sandbox.presses.values()), None))
    assert press.data == "yes"
    await stand.call("answerCallbackQuery", callback_query_id=press.id, text="Принято")
    await expect(page.get_by_role("status").get_by_text("Принято")).to_be_visible()
    await phone.get_by_role("button", name="Взять ссылку").click()
    await expect(page.get_by_text("Скопировано: t.me/x")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "t.me/x"

    where = {"chat_id": chat, "message_id": asked["message_id"]}
    await stand.call("editMessageText", text="Спасибо", **where)
    await expect(phone.get_by_text("Спасибо")).to_be_visible()
    await expect(phone.get_by_text("Верно?")).to_have_count(0)
    await expect(phone.get_by_text("изменено")).to_be_visible()
    await stand.call("deleteMessage", **where)
    await expect(phone.get_by_text("Спасибо")).to_have_count(0)

    files = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    for file in files:
        file.write_bytes(picture())
    await phone.get_by_role("button", name="Прикрепить").click()
    async with page.expect_file_chooser() as chooser:
        await phone.get_by_role("menuitem", name="Фото").click()
    await (await chooser.value).set_files(files)
    await expect(phone.locator(".own .media img")).to_have_count(2)
    photos = [message for message in stand.sandbox.messages(chat) if message.photo]
    assert len({message.media_group_id for message in photos}) == 1

    await stand.call("deleteMessage", chat_id=chat, message_id=menu["message_id"])
    await expect(phone.locator(".keyboard")).to_be_hidden()


async def test_a_citizen_sends_places_posts_and_files_and_blocks_the_bot(
    stand: Stand, page: Page, tmp_path: Path
) -> None:
    chat = await add_citizen(stand, page, "Ольга")
    phone, dialog = page.locator("#phone"), page.get_by_role("dialog")
    await phone.get_by_role("button", name="Открыть ссылку из QR").click()
    await dialog.get_by_label("Значение start").fill("p_17")
    await dialog.get_by_role("button", name="Открыть").click()
    await expect(phone.get_by_text("/start p_17")).to_be_visible()

    await phone.get_by_role("button", name="Прикрепить").click()
    await phone.get_by_role("menuitem", name="Геопозиция").click()
    await dialog.locator(".sketch").click(position={"x": 10, "y": 10})
    await dialog.get_by_label("Широта").fill("43.5")
    await dialog.get_by_role("button", name="Отправить").click()
    await expect(phone.get_by_role("img", name=re.compile("Точка на карте 43.5"))).to_be_visible()

    await phone.get_by_role("button", name="Прикрепить").click()
    await phone.get_by_role("menuitem", name="Переслать пост канала").click()
    await dialog.get_by_label("Название канала").fill("Плохой канал")
    await dialog.get_by_label("Текст поста").fill("купить t.me/bad")
    await dialog.get_by_role("button", name="Отправить").click()
    await expect(phone.get_by_text("Плохой канал")).to_be_visible()

    (tmp_path / "список.txt").write_text("t.me/x")
    await phone.get_by_role("button", name="Прикрепить").click()
    async with page.expect_file_chooser() as chooser:
        await phone.get_by_role("menuitem", name="Файлы").click()
    await (await chooser.value).set_files(tmp_path / "список.txt")
    await expect(phone.get_by_text("список.txt")).to_be_visible()

    updates = [update["message"] for update in await stand.call("getUpdates")]
    assert updates[0]["text"] == "/start p_17"
    assert updates[1]["location"]["latitude"] == 43.5
    assert updates[2]["forward_origin"]["chat"]["title"] == "Плохой канал"
    assert updates[3]["document"]["file_name"] == "список.txt"

    await phone.get_by_role("button", name="Заблокировать бота").click()
    await expect(phone.get_by_text("Этот человек заблокировал бота.")).to_be_visible()
    assert (await stand.refused("sendMessage", chat_id=chat, text="x")).startswith("Forbidden")
    await phone.get_by_role("button", name="Разблокировать").first.click()
    await expect(phone.get_by_role("textbox", name="Сообщение")).to_be_visible()


async def test_officers_work_at_the_desk(stand: Stand, page: Page) -> None:
    room, desk = page.locator("#room"), stand.desk.id
    topic = await stand.call("createForumTopic", chat_id=desk, name="Ссылки")
    rows = [[{"text": "Взять", "callback_data": "claim:1"}]]
    card = await stand.call(
        "sendMessage",
        chat_id=desk,
        message_thread_id=topic["message_thread_id"],
        text="№ 1",
        protect_content=True,
        reply_markup={"inline_keyboard": rows},
    )
    await page.get_by_role("button", name="Добавить сотрудника").click()
    await page.get_by_label("Имя").fill("Марат")
    await page.get_by_role("dialog").get_by_role("button", name="Добавить").click()
    await expect(room.get_by_role("combobox")).to_have_text("Марат")

    await expect(room.get_by_role("img", name="Копирование запрещено")).to_be_visible()
    await room.get_by_role("button", name="Взять").click()
    press = await stand.sandbox.wait_for(lambda: next(iter(stand.sandbox.presses.values()), None))
    officer = press.person_id
    assert stand.sandbox.world.people[officer].first_name == "Марат"
    await stand.call("answerCallbackQuery", callback_query_id=press.id, text="Уже взято", show_alert=True)
    await page.get_by_role("dialog").get_by_role("button", name="Закрыть").click()

    await room.locator(".message", has_text="№ 1").hover()
    await room.get_by_role("button", name="Ответить").first.click()
    await room.get_by_role("textbox", name="Сообщение").fill("Проверю")
    await page.keyboard.press("Enter")
    await expect(room.get_by_text("Проверю")).to_be_visible()
    reply = stand.sandbox.last(desk, from_bot=False)
    assert reply is not None
    assert (reply.reply_to, reply.thread_id) == (card["message_id"], topic["message_thread_id"])

    await expect(room.locator(".message", has_text="Проверю").get_by_text("Ссылки")).to_be_visible()
    await room.get_by_role("button", name="Общая").click()
    await expect(room.get_by_text("Проверю")).to_have_count(0)
    await room.get_by_role("button", name="Ссылки").click()
    await expect(room.get_by_text("Проверю")).to_be_visible()
    await room.get_by_role("button", name="Темы", exact=True).click()
    await expect(room.get_by_role("button", name="Ссылки")).to_be_hidden()
    assert not stand.desk.forum
    await room.get_by_role("button", name="Выйти из чата").click()
    await expect(room.get_by_text("Чтобы писать, добавьте сотрудника.")).to_be_visible()

    await page.get_by_role("button", name="Добавить чат").click()
    await page.get_by_label("Название чата").fill("Байзак")
    await page.keyboard.press("Enter")
    await expect(page.locator("#desks").get_by_role("button", name="Байзак")).to_have_attribute("aria-pressed", "true")
    await expect(room.get_by_role("textbox", name="Сообщение")).to_be_visible()


async def test_everything_is_reached_by_keyboard_in_the_language_chosen(stand: Stand, page: Page) -> None:
    await page.get_by_role("button", name="Қазақша").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("lang", "kk")
    await expect(page.get_by_text("Құмсалғыш.")).to_be_visible()
    await page.get_by_role("button", name="Азамат қосу").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("Айгүл")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Бастау")).to_be_focused()
    await page.keyboard.press("Enter")
    # A bot may write to a person only after their first message, which the page sends without waiting.
    await expect(page.locator("#phone .own .words", has_text="/start")).to_be_visible()
    chat = next(iter(stand.sandbox.world.people))
    await stand.call("sendMessage", chat_id=chat, text="Сәлем", reply_markup={"keyboard": [[{"text": "Сілтеме"}]]})
    field = page.locator("#phone").get_by_role("textbox", name="Хабарлама")
    await field.focus()
    await page.keyboard.type("бір")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("екі")
    await page.keyboard.press("Enter")
    await expect(page.locator("#phone .own .words", has_text="бір")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Сілтеме")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#phone .own .words", has_text="Сілтеме")).to_be_visible()
    texts = [update["message"]["text"] for update in await stand.call("getUpdates") if "message" in update]
    assert texts == ["/start", "бір\nекі", "Сілтеме"]
    clip = page.locator("#phone").get_by_role("button", name="Тіркеу")
    await clip.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem", name="Файлдар")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(clip).to_be_focused()


async def test_several_citizens_have_a_phone_each(stand: Stand, page: Page) -> None:
    first = await add_citizen(stand, page, "Ольга")
    second = await add_citizen(stand, page, "Андрей")
    stand.sandbox.open_bot(stand.sandbox.world.people[first])
    await stand.call("sendMessage", chat_id=first, text="Для Ольги")
    await expect(page.locator(".tab.unread", has_text="Ольга")).to_be_visible()
    await expect(page.get_by_text("Для Ольги")).to_have_count(0)
    await page.locator("#people").get_by_role("button", name="Ольга").click()
    await expect(page.get_by_text("Для Ольги")).to_be_visible()
    await expect(page.locator(".tab.unread")).to_have_count(0)
    assert first != second


async def test_a_page_that_is_opened_late_shows_what_there_is(stand: Stand, page: Page) -> None:
    citizen = stand.sandbox.add_person("Айгүл")
    stand.sandbox.send_photos(citizen, [picture()], "бұрыннан бар")
    for number in range(40):
        stand.sandbox.send_text(citizen, f"хабар {number}")
    keyboard = {"keyboard": [[{"text": "Сілтеме"}]]}
    await stand.call("sendMessage", chat_id=citizen.id, text="соңғысы", reply_markup=keyboard)
    await page.reload()
    await expect(page.locator("#phone").get_by_text("соңғысы")).to_be_in_viewport()
    await expect(page.locator("#phone").get_by_text("бұрыннан бар")).not_to_be_in_viewport()
    stand.sandbox.block(citizen)
    await expect(page.locator("#phone .keyboard")).to_be_hidden()


async def test_a_narrow_window_shows_one_side_at_a_time(stand: Stand, page: Page) -> None:
    await page.set_viewport_size({"width": 400, "height": 760})
    await expect(page.locator("#room")).to_be_hidden()
    await page.locator(".sides").get_by_role("button", name="Рабочий чат").click()
    await expect(page.locator("#room")).to_be_visible()
    await expect(page.locator("#phone")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
