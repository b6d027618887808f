"""Telegram's links: its own cases (tdlib), and what we make of them."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot.links import Link, canonical

CASES = Path(__file__).parents[3] / "shared" / "data" / "links" / "tdlib_internal_link.jsonl"

NAMES = """
public_chat bot_start bot_start_in_group bot_add_to_channel chat_affiliate_program main_web_app video_chat
direct_messages_chat
"""
PAGES_OF_THE_APP = """
settings edit_profile_settings privacy_and_security_settings appearance my_stars my_grams language_settings
chat_folder_settings notification_settings power_saving data_and_storage_settings devices business faq features
privacy_policy settings_search in_app_browser qr_code send_gift star_purchase premium_features_page
premium_gift_purchase restore_purchases saved_messages calls_page contacts_page my_profile_page search
new_private_chat new_group_chat new_channel_chat new_story chat_selection
"""
# What Telegram's types are for us. Most of them are things to do with a public name: then the name is the resource.
CHANNEL = {"channel"}
WHAT: dict[str, set[str]] = {
    **dict.fromkeys(NAMES.split(), CHANNEL),
    "message": {"post"},
    "chat_invite": {"invite"},
    "chat_boost": {"channel", "boost"},  # of a public name, of a private chat
    "attachment_menu_bot": {"channel", "phone"},  # the chat in which the bot is to be attached
    "user_phone_number": {"phone"},
    "story": {"story"},
    "live_story": {"story"},
    "story_album": {"album"},
    "gift_collection": {"collection"},
    "game": {"game"},
    "web_app": {"app"},
    "user_token": {"contact"},
    "business_chat": {"business"},
    "chat_folder_invite": {"folder"},
    "group_call": {"call"},
    "invoice": {"invoice"},
    "premium_gift_code": {"gift_code"},
    "upgraded_gift": {"gift"},
    "gift_auction": {"auction"},
    "sticker_set": {"sticker_set"},
    "theme": {"theme"},
    "background": {"background"},
    "text_composition_style": {"style"},
    "language_pack": {"language"},
    "message_draft": {"share"},
    "instant_view": {"page"},
    "proxy_mtproto": {"proxy"},
    "proxy_socks": {"proxy"},
    "unsupported_proxy": {"proxy"},
    "request_managed_bot": {"new_bot"},
}
REFUSED = {
    "authentication_code",
    "oauth",
    "phone_number_confirmation",
    "passport_data_request",
    "qr_code_authentication",
}
# Pages of the app itself, no place of anything: no link.
APP = set(PAGES_OF_THE_APP.split())


def rows() -> list[dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"Telegram's own cases are not here: {CASES}")
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def thing(kind: str, expected: str) -> tuple[object, ...]:
    """What a case names, read from Telegram's answer and not from ours: type of thing, and its name."""
    strings = [json.loads(found) for found in re.findall(r'"(?:[^"\\]|\\.)*"', expected)]
    numbers = re.findall(r", (\d+)\)$", expected)
    if kind in ("message", "chat_boost"):
        where, _, query = strings[0].removeprefix("tg://").partition("?")
        args = parse_qs(query)
        if "domain" in args and kind == "chat_boost":
            return ("name", args["domain"][0].lower())
        return (where, *(args.get(key, [""])[0].lower() for key in ("domain", "channel", "post")))
    if kind == "attachment_menu_bot":
        chat = re.search(r'(public_chat|user_phone_number)\("([^"]*)"', expected)
        bot = re.search(r'nullptr, "([^"]*)"', expected)
        if chat:
            return ("name" if chat[1] == "public_chat" else "phone", chat[2].lower())
        assert bot
        return ("name", bot[1].lower())
    if WHAT.get(kind) == CHANNEL:
        return ("name", strings[0].lower())
    if kind == "user_phone_number":
        return ("phone", strings[0])
    if kind in ("story", "story_album", "gift_collection", "live_story"):
        return (kind, strings[0].lower(), *numbers)
    if kind in ("game", "web_app"):
        return (kind, strings[0].lower(), strings[1])
    if kind == "sticker_set":
        return (kind, strings[0], "true" in expected)
    if kind == "message_draft":
        return (kind, strings[0].strip().partition("\n")[0])
    if kind == "background":
        return (kind, strings[0].partition("?")[0])
    if kind == "proxy_socks":
        return (kind, strings[0], expected.split(",")[1])
    if kind == "unsupported_proxy":
        return (kind,)
    if kind == "request_managed_bot":
        return (kind, *(name.lower() for name in strings[:2]))
    return (kind, *strings, *numbers)


def test_each_type_of_telegram_gets_its_platform_and_what() -> None:
    for row in rows():
        kind, link = row["type"], canonical(row["url"])
        if kind in WHAT:
            assert link is not None, row
            assert link.platform == "telegram", row
            assert link.what in WHAT[kind], row
            assert not link.refused, row
        elif kind in REFUSED:
            assert link is not None, row
            assert link.refused, row
        elif kind in APP:
            assert link is None, row
        else:
            # links that this version of Telegram does not know, and what is no link of Telegram at all
            assert kind in (None, "unknown_deep_link"), f"a type that we have never heard of: {kind}"
            assert link is None or link.refused or (kind is None and link.platform != "telegram"), row


def test_forms_of_one_thing_are_one_link_and_different_things_are_different() -> None:
    by_thing: dict[tuple[object, ...], set[str]] = {}
    by_url: dict[str, set[tuple[object, ...]]] = {}
    for row in rows():
        link = canonical(row["url"])
        if row["type"] not in WHAT or link is None:
            continue
        named = thing(row["type"], row["expected"])
        by_thing.setdefault(named, set()).add(link.url)
        by_url.setdefault(link.url, set()).add(named)
    unsupported = {"https://t.me/proxy", "https://t.me/socks"}
    assert {named: urls for named, urls in by_thing.items() if len(urls) > 1 and urls != unsupported} == {}
    assert {url: named for url, named in by_url.items() if len(named) > 1} == {}


def test_a_canonical_address_is_its_own_canonical_form() -> None:
    for row in rows():
        link = canonical(row["url"])
        if link is not None:
            assert canonical(link.url) == link, row


@pytest.mark.parametrize(
    ("form", "what", "url"),
    [
        ("@Some_Shop", "channel", "https://t.me/some_shop"),
        ("T.me/Some_Shop", "channel", "https://t.me/some_shop"),
        ("https://t.me/s/some_shop", "channel", "https://t.me/some_shop"),
        ("https://t.me/s/some_shop?before=10", "channel", "https://t.me/some_shop"),
        ("http://telegram.me/some_shop/", "channel", "https://t.me/some_shop"),
        ("some-thing.t.me", None, None),
        ("some_shop.t.me", "channel", "https://t.me/some_shop"),
        ("t.me/some_shop_bot?start=ref123", "channel", "https://t.me/some_shop_bot"),
        ("t.me/some_shop/5?comment=9", "post", "https://t.me/some_shop/5"),
        ("t.me/s/some_shop/5", "post", "https://t.me/some_shop/5"),
        ("t.me/some_shop/3/5", "post", "https://t.me/some_shop/5"),
        ("t.me/joinchat/AAAAAEkk2WdoDrB4-Q8-gg", "invite", "https://t.me/+AAAAAEkk2WdoDrB4-Q8-gg"),
        ("t.me/+AAAAAEkk2WdoDrB4-Q8-gg", "invite", "https://t.me/+AAAAAEkk2WdoDrB4-Q8-gg"),
        ("t.me/+aaaaaekk2WdoDrB4-Q8-gg", "invite", "https://t.me/+aaaaaekk2WdoDrB4-Q8-gg"),
        ("tg://join?invite=AbC", "invite", "https://t.me/+AbC"),
        ("t.me/c/1234567890/5", "post", "https://t.me/c/1234567890/5"),
        ("https://web.telegram.org/a/#@some_shop", "channel", "https://t.me/some_shop"),
        ("https://ⓣ.me/some_shop", "channel", "https://t.me/some_shop"),
        ("https://t。me/some_shop", "channel", "https://t.me/some_shop"),
        ("https://telegra.ph/Some-Page-01-02?x=1", "page", "https://telegra.ph/Some-Page-01-02"),
        ("graph.org/Some-Page-01-02", "page", "https://telegra.ph/Some-Page-01-02"),
        ("tg://resolve?domain=some_shop&start=1&story=5", "channel", "https://t.me/some_shop"),
        ("tg://resolve?domain=some_shop&story=5&start=1", "story", "https://t.me/some_shop/s/5"),
        ("@abc", None, None),
        ("@1abcd", None, None),
        ("@abcd_", None, None),
        ("@ab__cd", None, None),
        ("https://user@t.me/some_shop", None, None),
        ("https://t.me:8080/some_shop", None, None),
        ("t.me", None, None),
        ("t.me/", None, None),
        ("https://web.telegram.org/a/", None, None),
        ("tg://user?id=123456", None, None),
        ("tg://settings/devices", None, None),
    ],
)
def test_own_cases(form: str, what: str | None, url: str | None) -> None:
    link = canonical(form)
    assert (link and link.what, link and link.url) == (what, url)


@pytest.mark.parametrize(
    "form",
    [
        "https://t.me/login/12345",
        "tg://login?code=12345",
        "tg://login?token=AbCdEf",
        "tg://oauth?token=AbCdEf",
        "tg://resolve?domain=oauth&startapp=AbCdEf",
        "tg://confirmphone?phone=77011234567&hash=abcdef",
        "t.me/confirmphone?phone=77011234567&hash=abcdef",
        "tg://passport?bot_id=1&scope=x&public_key=k&nonce=AbCdEf",
    ],
)
def test_links_with_codes_are_refused_and_the_code_is_gone(form: str) -> None:
    link = canonical(form)
    assert link is not None
    assert link.refused
    assert not re.search(r"12345|abcdef|7701", repr(link), re.IGNORECASE)


@pytest.mark.parametrize(
    "form", ["t.me/+AbC", "t.me/+77011234567", "t.me/c/12/5", "t.me/contact/x", "t.me/m/x", "t.me/addlist/x", "t.me/$x"]
)
def test_what_may_be_made_for_one_buyer_is_private(form: str) -> None:
    link = canonical(form)
    assert link is not None
    assert link.private


def test_public_names() -> None:
    assert [
        link and link.public_name for link in map(canonical, ("@Abcde", "t.me/abcde/1", "t.me/c/1/2", "vk.com/a"))
    ] == [
        "abcde",
        "abcde",
        None,
        None,
    ]


def test_a_link_is_frozen_and_comparable() -> None:
    assert canonical("@abcde") == Link("telegram", "channel", "https://t.me/abcde")
    assert len({canonical("@abcde"), canonical("t.me/ABCDE")}) == 1
