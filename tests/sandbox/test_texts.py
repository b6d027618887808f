"""Texts: what Telegram's HTML becomes, and which texts it refuses."""

from typing import Any

import pytest

from bot.sandbox import html
from bot.sandbox.entities import find
from bot.sandbox.errors import ApiError
from tests.sandbox.conftest import Stand


@pytest.mark.parametrize(
    "source,text,kinds",
    [
        ("plain & simple", "plain & simple", []),
        ("<b>a</b><strong>b</strong>", "ab", ["bold", "bold"]),
        ("<i>a</i><em>b</em>", "ab", ["italic", "italic"]),
        ("<u>a</u><ins>b</ins>", "ab", ["underline", "underline"]),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", ["strikethrough"] * 3),
        ("<code>a</code> <pre>b</pre>", "a b", ["code", "pre"]),
        ("<tg-spoiler>a</tg-spoiler><span class='tg-spoiler'>b</span>", "ab", ["spoiler", "spoiler"]),
        (
            "<blockquote>a</blockquote><blockquote expandable>b</blockquote>",
            "ab",
            ["blockquote", "expandable_blockquote"],
        ),
        ('<a href="https://a.kz/?a=1&amp;b=2">x</a>', "x", ["text_link"]),
        ("<A HREF=https://a.kz>x</A>", "<A HREF=https://a.kz>x</A>", None),
        ("&lt;b&gt; &amp;amp; &quot;&#1178;&#x49B;&copy;", '<b> &amp; "Ққ&copy;', []),
        ("<b></b>x", "x", []),
        ("<b>жирный <i>оба</i></b>", "жирный оба", ["bold", "italic"]),
        ("<a>just words</a>", "just words", []),
        ("<b>a</>", "a", ["bold"]),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, kinds: list[str] | None) -> None:
    if kinds is None:
        # An unquoted value holds letters, digits, dots and hyphens only.
        with pytest.raises(ApiError, match="Unexpected end of name token"):
            html.parse(source)
        return
    found, entities = html.parse(source)
    assert found == text
    assert [entity["type"] for entity in entities] == kinds


def test_offsets_of_entities_count_utf16_units() -> None:
    _, entities = html.parse("😀 <b>ә😀</b>!")
    assert entities == [{"type": "bold", "offset": 3, "length": 3}]


def test_a_language_of_a_code_block_is_kept_in_either_nesting() -> None:
    for source in ('<pre><code class="language-py">x</code></pre>', '<code class="language-py"><pre>x</pre></code>'):
        _, entities = html.parse(source)
        assert [
            (entity["type"], entity["language"] if "language" in entity else entity["_language"]) for entity in entities
        ] == [("pre", "py")]


@pytest.mark.parametrize(
    "source,refusal",
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("ә<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("2 < 3", 'Unsupported start tag "" at byte offset 2'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
    ],
)
def test_malformed_html_is_refused_in_telegrams_words(source: str, refusal: str) -> None:
    with pytest.raises(ApiError) as caught:
        html.parse(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {refusal}"


@pytest.mark.parametrize(
    "text,found",
    [
        ("/start abc", [("bot_command", "/start")]),
        ("смотри t.me/x, там", [("url", "t.me/x")]),
        ("https://a.kz/путь?q=1#z.", [("url", "https://a.kz/путь?q=1#z")]),
        ("пишите @bad_shop1 или #соль", [("mention", "@bad_shop1"), ("hashtag", "#соль")]),
        ("a@mail.kz не @ab", [("email", "a@mail.kz")]),
        ("+77011234567", [("phone_number", "+77011234567")]),
        ("😀 t.me/x", [("url", "t.me/x")]),
        ("и/или 1.2.3 #1", []),
    ],
)
def test_clients_find_links_and_mentions(text: str, found: list[tuple[str, str]]) -> None:
    raw = text.encode("utf-16-le")
    shown = [
        (entity["type"], raw[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le"))
        for entity in find(text)
    ]
    assert shown == found


async def test_a_link_inside_code_is_not_found(stand: Stand) -> None:
    sent = await stand.call(
        "sendMessage", chat_id=stand.citizen.id, text="<code>t.me/x</code> t.me/y", parse_mode="HTML"
    )
    assert [entity["type"] for entity in sent["entities"]] == ["code", "url"]


async def test_white_space_around_a_text_is_cut_and_entities_move(stand: Stand) -> None:
    sent = await stand.call("sendMessage", chat_id=stand.citizen.id, text="\n <b> a</b> \n", parse_mode="HTML")
    assert sent["text"] == "a"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 1}]


@pytest.mark.parametrize(
    "parameters,refusal",
    [
        ({"text": ""}, "message text is empty"),
        ({}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "parse_mode": "MarkdownV2"}, "the sandbox does not do parse_mode MarkdownV2"),
        (
            {"text": "<b>x", "parse_mode": "html"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            {"text": "x", "entities": [{"type": "bold", "offset": 5, "length": 1}]},
            "entity begins after the end of the text at UTF-16 offset 5",
        ),
        (
            {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
        ),
        (
            {"text": "x", "entities": [{"type": "blink", "offset": 0, "length": 1}]},
            "can't parse MessageEntity: Unsupported type specified",
        ),
    ],
)
async def test_texts_that_telegram_refuses_are_refused(stand: Stand, parameters: dict[str, Any], refusal: str) -> None:
    assert await stand.refused("sendMessage", chat_id=stand.citizen.id, **parameters) == f"Bad Request: {refusal}"


async def test_a_text_of_4096_units_is_taken_however_long_its_tags_are(stand: Stand) -> None:
    text = "".join(f"<b>{char}</b>" for char in "x" * 4096)
    sent = await stand.call("sendMessage", chat_id=stand.citizen.id, text=text, parse_mode="HTML")
    assert len(sent["text"]) == 4096
