"""Of which links it may be told that they are closed: those that nobody makes for one person alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tldextract import TLDExtract

from bot.citizen.closed import closed_text
from bot.languages import Language
from bot.links import canonical
from bot.links.public import SHARED_ENDINGS, is_public_name
from bot.reports.contents import StoredLink
from bot.reports.stood import parameters
from bot.texts import Texts
from bot.wording import load_wording

TEMPLATES = Path(__file__).parents[2] / "templates"
PUBLIC = (
    "t.me/shop_kz",
    "tg://resolve?domain=shop_kz",
    # What says only who came from where names nothing: this is the bot.
    "t.me/shop_bot?start=buyer17",
    "instagram.com/shop.kz",
    "vk.com/club17",
    "tiktok.com/@shop",
    "https://whatsapp.com/channel/0029VaAbCd",
    "shop.kz",
    "https://www.shop.kz/?ref=17",
    "shop.com.kz",
    "магазин.қаз",
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
    "t.me/shop_kz/17",
    "t.me/shop_kz/17/18",
    "t.me/shop_kz/s/17",
    "t.me/shop_kz/a/17",
    "t.me/shop_bot/buyer17",
    "https://www.tiktok.com/@shop/video/17",
    "vk.com/wall-17_117",
    "buyer17.shop.kz",
    "buyer17.shop.com.kz",
    "https://com.kz",
    "buyer17.github.io",
    "https://shop.kz:8017",
    "ftp://shop.kz",
    "http://185.199.108.153",
    "http://[2a00:1450:4001:80b::17]",
    # A key that anybody makes, as many as they like.
    f"http://{'a' * 51}m2dqd.onion",
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


SUFFIX_OF = TLDExtract(suffix_list_urls=(), cache_dir=None)
"""By the list of all public suffixes, which is too slow where links are sent."""


def test_under_each_of_the_shared_endings_names_are_registered() -> None:
    assert {SUFFIX_OF(f"shop.{ending}").suffix for ending in SHARED_ENDINGS} == SHARED_ENDINGS


@given(st.lists(st.sampled_from(("shop", "buyer17", "com", "co", "kz", "uk", "ru", "a-b")), min_size=2, max_size=4))
def test_a_site_that_is_a_public_name_is_registered_itself(labels: list[str]) -> None:
    host = ".".join([*labels[:-1], "kz" if labels[-1] not in ("uk", "ru") else labels[-1]])
    if is_public_name("site", "page", f"https://{host}", private=False):
        assert SUFFIX_OF(host).top_domain_under_public_suffix == host


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
    received = texts.render(
        language, "kinds.link.received", receipt="0" * 19, office_hours="Mon-Fri 09:00-18:30" * 3, links=5000
    )
    told = f"{received}\n\n{closed_text(texts, language, [f'https://{url}' for url in urls])}"
    assert units(told) <= 4096


def test_thanks_are_for_as_many_links_as_there_are(texts: Texts) -> None:
    def thanks(language: str, links: int) -> str:
        told = texts.render(language, "kinds.link.received", receipt="", office_hours="", links=links)
        return ". ".join(told.split("\n")[0].split(". ")[:2])

    assert [thanks("ru", links).split(", обычно")[0] for links in (1, 3, 21, 48)] == [
        "Спасибо, ссылку получили. Прокурор проверит её",
        "Спасибо, получили 3 ссылки. Прокурор проверит их",
        "Спасибо, получили 21 ссылку. Прокурор проверит их",
        "Спасибо, получили 48 ссылок. Прокурор проверит их",
    ]
    assert [thanks("kk", links).split(" әдетте")[0] for links in (1, 48)] == [
        "Рақмет, сілтемеңізді алдық. Прокурор оны",
        "Рақмет, 48 сілтемеңізді алдық. Прокурор оларды",
    ]
    assert [thanks("en", links).split(", usually")[0] for links in (1, 48)] == [
        "Thank you, we have the link. The prosecutor will check it",
        "Thank you, we have your 48 links. The prosecutor will check them",
    ]


def test_nothing_is_said_where_nothing_is_closed(texts: Texts) -> None:
    assert closed_text(texts, "ru", []) == ""


def units(told: str) -> int:
    """Count as Telegram does: what stands for a sign is one."""
    for sign in ("&lt;", "&gt;", "&amp;", "&quot;", "&#34;", "&#39;"):
        told = told.replace(sign, "x")
    return len(told.encode("utf-16-le")) // 2
