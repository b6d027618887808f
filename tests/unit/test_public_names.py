"""Of which links it may be told that they are closed: those that nobody makes for one person alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.citizen.closed import closed_text
from bot.languages import Language
from bot.links import canonical
from bot.reports.contents import StoredLink
from bot.reports.stood import parameters
from bot.texts import Texts
from bot.wording import load_wording

TEMPLATES = Path(__file__).parents[2] / "templates"
PUBLIC = (
    "t.me/shop_kz",
    "t.me/shop_kz/17",
    "tg://resolve?domain=shop_kz",
    "instagram.com/shop.kz",
    "vk.com/club17",
    "tiktok.com/@shop",
    "https://whatsapp.com/channel/0029VaAbCd",
    "shop.kz",
    "http://185.199.108.153",
)
PERSONAL = (
    "t.me/+AbCdEfGhIjKlMnOp",
    "t.me/joinchat/AbCdEfGhIjKlMnOp",
    "t.me/addlist/AbCdEfGh",
    "t.me/+77011234567",
    "t.me/c/1234567890/5",
    "wa.me/77011234567",
    "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
    "discord.gg/AbCdEf",
    "signal.group/#CjQKIAbCd",
    # These look like any other, and can be made for one buyer as easily.
    "bit.ly/3AbCdEf",
    "shop.kz/k/83h2a",
    "shop.kz/?buyer=7",
    "pastebin.com/AbCdEf12",
    "https://youtu.be/dQw4w9WgXcQ",
)


def stored(text: str) -> StoredLink:
    link = canonical(text)
    assert link is not None, text
    return StoredLink.of(link)


@pytest.mark.parametrize("text", PUBLIC)
def test_names_that_anybody_can_see_are_public(text: str) -> None:
    assert stored(text).public_name
    assert not stored(text).invite


@pytest.mark.parametrize("text", PERSONAL)
def test_what_may_have_been_made_for_one_buyer_is_no_public_name(text: str) -> None:
    assert not stored(text).public_name


def test_only_what_lets_people_in_gets_the_hint() -> None:
    assert [text for text in PERSONAL if stored(text).invite] == [*PERSONAL[:3], *PERSONAL[6:9]]


def test_of_what_concerns_an_officer_nothing_is_asked() -> None:
    named, now = [(b"key", stored("t.me/shop_kz"))], datetime(2026, 11, 23, tzinfo=UTC)
    assert parameters(named, now, restricted=False) == ([b"key"], now)
    assert parameters(named, now, restricted=True) == ([], now)


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_wording(TEMPLATES).texts


@given(
    urls=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5000), max_size=60),
    language=st.sampled_from(Language),
)
@example(urls=["\N{PILL}" * 5000] * 60, language=Language.KK)
def test_however_many_are_closed_the_acknowledgement_fits_into_one_message(
    texts: Texts, urls: list[str], language: Language
) -> None:
    received = texts.render(language, "kinds.link.received", receipt="0" * 19, office_hours="Mon-Fri 09:00-18:30" * 3)
    told = f"{received}\n\n{closed_text(texts, language, [f'https://{url}' for url in urls])}"
    assert units(told) <= 4096


def test_nothing_is_said_where_nothing_is_closed(texts: Texts) -> None:
    assert closed_text(texts, "ru", []) == ""


def units(told: str) -> int:
    """Count as Telegram does: what stands for a sign is one."""
    for sign in ("&lt;", "&gt;", "&amp;", "&quot;", "&#34;", "&#39;"):
        told = told.replace(sign, "x")
    return len(told.encode("utf-16-le")) // 2
