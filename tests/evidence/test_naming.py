"""What pages name: where a channel goes on, in three languages; what is private or the networks' own never."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.evidence.exchange import Fetched
from bot.evidence.naming import MOST, Named
from bot.evidence.reading import Pages
from bot.evidence.succession import Succession
from bot.evidence.worker import answer
from bot.links import canonical
from bot.texts import TextsBroken
from tests.evidence.test_reading import exchange

TEMPLATES = Path(__file__).parents[2] / "templates"
SUCCESSION = Succession(TEMPLATES)
NAMING = {"phrases": SUCCESSION.phrases, "never": SUCCESSION.never}
PREVIEW = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Telegram: View @ice_taraz</title>
<meta property="og:title" content="ICE Taraz"><meta property="og:site_name" content="Telegram">
<meta property="og:description" content="DESCRIPTION"></head><body class="no_transition">
<div class="tgme_background_wrap"></div><div class="tgme_page_wrap"><div class="tgme_head_wrap"><div class="tgme_head">
<a href="//telegram.org/" class="tgme_head_brand"><i class="tgme_logo"></i></a>
<a class="tgme_head_right_btn" href="//telegram.org/dl?tme=3f0a">Download</a></div></div>
<div class="tgme_body_wrap"><div class="tgme_page"><div class="tgme_page_photo">
<a href="tg://resolve?domain=ice_taraz"><img class="tgme_page_photo_image" src="https://cdn4.telesco.pe/file/x.jpg"></a>
</div><div class="tgme_page_title" dir="auto"><span dir="auto">ICE Taraz</span></div>
<div class="tgme_page_extra">9 412 subscribers</div>
<div class="tgme_page_description" dir="auto">DESCRIPTION</div>
<div class="tgme_page_action"><a class="tgme_action_button_new shine" href="tg://resolve?domain=ice_taraz">View
</a></div><div class="tgme_page_context_link_wrap">
<a class="tgme_page_context_link" href="/s/ice_taraz">Preview channel</a></div>
<div class="tgme_page_additional">If you have <strong>Telegram</strong>, you can view and join <br>
<strong>ICE Taraz</strong> right away.</div></div></div></div></body></html>"""
FEED = """<html><body><header class="tgme_header"><a href="https://t.me/ice_taraz">ICE Taraz</a></header>
<div class="tgme_widget_message" data-post="ice_taraz/41"><a class="tgme_widget_message_owner_name"
href="https://t.me/ice_taraz">ICE Taraz</a><div class="tgme_widget_message_text">Привет. Прайс
<a href="https://t.me/ice_prices/7">здесь</a>, отзывы <a href="?q=%23otzyv">#otzyv</a></div>
<a class="tgme_widget_message_date" href="https://t.me/ice_taraz/41"><time>10:01</time></a></div>
<div class="tgme_widget_message"><div class="tgme_widget_message_text">Нас хотят закрыть. Резерв:<br>
<a href="https://t.me/ice_taraz2">t.me/ice_taraz2</a><br>личка <a href="https://t.me/+7hAbCdEfGh">тут</a></div></div>
<a href="https://telegram.org/dl">Download Telegram</a></body></html>"""
SHOP = """<html><head><title>Магазин</title></head><body><nav><a href="/">Главная</a><a href="/catalog">Каталог</a>
<a href="https://shop24.kz/pay">Оплата</a><a href="https://m.shop24.kz/help">Помощь</a>NAV</nav>
<p>Цены и доставка. Отзывы на <a href="https://2gis.kz/taraz/firm/7">2ГИС</a>, движок <a href="https://wordpress.org">WP</a>
<div class="share"><a href="https://t.me/share/url?url=https://shop24.kz">T</a>
<a href="https://www.facebook.com/sharer/sharer.php?u=https://shop24.kz">F</a>
<a href="https://vk.com/share.php?url=https://shop24.kz">V</a><a href="https://twitter.com/intent/tweet?url=x">X</a>
<a href="https://wa.me/?text=shop24">W</a></div>
<footer><a href="https://www.instagram.com/shop24_kz/?hl=ru">Инстаграм</a> <a href="https://t.me/shop24_kz">Телеграм</a>
<a href="https://wa.me/77011234567">WhatsApp</a> <a href="tel:+77011234567">звонок</a>
<a href="mailto:shop@shop24.kz">почта</a> <a href="https://t.me/telegram">Telegram</a></footer>
<p>Зеркало сайта:<p><a href="http://shop24new.site/">shop24new.site</a></body></html>"""


def named(page: str, url: str = "https://t.me/ice_taraz", **changed: Any) -> list[Named]:
    made = exchange(page, url=url, **changed)
    told = {name: getattr(made, name) for name in type(made).__slots__}
    told |= {"asked_at": made.asked_at.isoformat(), "body": base64.b64encode(made.body).decode()}
    asked = {"exchanges": [told], "telegram": False, "read": True, "before": None, "naming": NAMING}
    return [Named(**each) for each in answer(asked)["named"]]


def urls(page: str, url: str = "https://t.me/ice_taraz") -> list[str]:
    return [each.url for each in named(page, url)]


@pytest.mark.parametrize(
    "said",
    [
        "Наш новый канал: @ice_two",
        "Мы ПЕРЕЕХАЛИ! https://t.me/ice_two",
        "Резервный канал — t.me/ice_two",
        "Подписывайтесь на новый<br>@ice_two",
        "Все ещё работаем, наш новый  канал<br>\n<a href='https://t.me/ice_two?boost'>жми сюда</a>",
        "Жаңа канал: @ice_two",
        "Жана канал t.me/s/ice_two",
        "Каналымызды жауып тастады: @ice_two",
        "Біз көштік 👉 tg://resolve?domain=ice_two",
        "Қосалқы арна: https://t.me/ice_two/15",
        "Our new channel: @ice_two",
        "We’ve moved to telegram.me/ice_two",
        "Backup - ice_two.t.me",
    ],
)
def test_a_preview_names_where_the_channel_goes_on(said: str) -> None:
    assert named(PREVIEW.replace("DESCRIPTION", said)) == [Named("https://t.me/ice_two", "telegram", "channel", True)]


def test_a_preview_that_names_nobody_names_nothing_of_telegrams_own() -> None:
    assert (
        named(PREVIEW.replace("DESCRIPTION", "Доставка 24/7 @ice_taraz https://t.me/ice_taraz/12 telegram.org")) == []
    )
    assert [each.successor for each in named(PREVIEW.replace("DESCRIPTION", "Отзывы: @ice_reviews"))] == [False]


def test_the_posts_of_a_channel_name_others_first_those_where_it_goes_on() -> None:
    found = named(FEED, "https://t.me/s/ice_taraz")
    assert [(each.url, each.successor) for each in found] == [
        ("https://t.me/ice_taraz2", True),
        ("https://t.me/ice_prices", False),
    ]


def test_a_shop_names_its_accounts_and_its_mirror_and_none_of_what_it_links_to() -> None:
    assert urls(SHOP.replace("NAV", ""), "https://shop24.kz/catalog") == [
        "https://shop24new.site",
        "https://instagram.com/shop24_kz",
        "https://t.me/shop24_kz",
    ]


def test_a_page_with_hundreds_of_accounts_names_no_more_than_a_few() -> None:
    many = "".join(f'<a href="https://t.me/friend_{number}">{number}</a>' for number in range(300))
    found = named(SHOP.replace("NAV", many), "https://shop24.kz/catalog")
    assert len(found) == MOST
    assert found[0].url == "https://shop24new.site"


def test_other_accounts_of_the_same_network_are_its_navigation_unless_words_stand_beside_them() -> None:
    page = '<a href="/explore">x</a><p><a href="/friend">friend</a><p>Новый аккаунт: <a href="/shop_two">тут</a>'
    assert urls(page, "https://www.instagram.com/shop_one/") == ["https://instagram.com/shop_two"]


@pytest.mark.parametrize(
    "private",
    [
        "https://t.me/+AbCdEfGh12345678",
        "https://t.me/joinchat/AbCdEfGh12345678",
        "https://t.me/+77011234567",
        "https://wa.me/77011234567",
        "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
        "https://discord.gg/abcdef",
        "https://t.me/c/1234567/5",
        "https://t.me/addlist/abcdefgh",
        "https://signal.group/#CjQKIAbCd",
        "tg://join?invite=AbCdEfGh12345678",
        "tg://login?token=abcdef",
        "https://t.me/login/12345",
        "mailto:shop@mail.kz",
        "tel:+77011234567",
        "+7 701 123-45-67",
        "shop@mail.kz",
    ],
)
def test_what_may_be_one_persons_is_never_named(private: str) -> None:
    page = PREVIEW.replace("DESCRIPTION", f"Новый канал {private} <a href='{private}'>сюда</a><br>{private}")
    assert urls(page) == []


def test_words_far_from_a_link_say_nothing_of_it() -> None:
    page = "<p>Мы переехали, пишите в директ<p>Погода<p><a href='https://weather.kz'>weather.kz</a>"
    assert urls(page, "https://shop24.kz") == []
    assert urls(page.replace("<p>Погода", ""), "https://shop24.kz") == ["https://weather.kz"]


@given(some.text(max_size=300), some.sampled_from(["https://t.me/a_shop", "https://shop.kz/x", "https://vk.com/shop"]))
def test_whatever_stands_there_what_is_named_is_public_and_canonical(text: str, url: str) -> None:
    for each in named(f"<p>новый канал {text}<p>{text} @name_{len(text)}<a href='{text}'>", url):
        link = canonical(each.url)
        assert link is not None
        assert (link.url, link.private, link.refused) == (each.url, False, False)


async def test_the_process_that_reads_pages_names_links_too() -> None:
    page = PREVIEW.replace("DESCRIPTION", "Наш новый канал: @ice_two")
    read = await Pages(SUCCESSION).read(
        Fetched([exchange(page, url="https://t.me/ice_taraz")]), telegram=True, before=None
    )
    assert read.whole
    assert read.named == (Named("https://t.me/ice_two", "telegram", "channel", True),)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("ru = [", 'ru = ["",', "successors.toml ru: a list of words"),
        ("never = [", 'never = ["not a link",', "successors.toml never: 'not a link' is no link"),
        ("never = [", 'never = "x"\ny = [', "successors.toml never: a list of links"),
    ],
)
def test_a_bad_edit_of_the_words_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (TEMPLATES / "successors.toml").read_text("utf-8")
    (tmp_path / "successors.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TextsBroken, match=told):
        Succession(tmp_path)


def test_the_words_of_succession_are_each_needed_and_in_the_letters_of_their_language() -> None:
    lists = tomllib.loads((TEMPLATES / "successors.toml").read_text("utf-8"))
    letters = {"kk": "абвгғдежзийкқлмнңоөпрстуұүфхцчшщыіьэюяһә", "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя"}
    letters["en"] = "abcdefghijklmnopqrstuvwxyz"
    assert set(lists) == {*letters, "never"}
    for language, known in letters.items():
        phrases = lists[language]
        assert len(phrases) == len(set(phrases)) > 20
        for phrase in phrases:
            assert phrase == " ".join(phrase.lower().split())
            assert set(phrase) <= {*known, " ", "-", "'"}, phrase
            shorter = [other for other in phrases if other != phrase and phrase.startswith(other)]
            assert shorter == [], f"{phrase} is already found by {shorter}"
