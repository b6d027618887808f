"""What people disguise or only hint at is found, as a guess; and nothing is found in ordinary sentences."""

from pathlib import Path

import pytest

from bot.links import canonical, find, read_list

ORDINARY = Path(__file__).with_name("ordinary_sentences.txt").read_text(encoding="utf-8").splitlines()

# What each text hints at.
DISGUISED = {
    "https://t.me/name_shop": """
t . me / name_shop
t. me/name_shop
t .me/name_shop
t.me / name_shop
t.me/ name_shop
t,me/name_shop
t me/name_shop
t[.]me/name_shop
t(.)me/name_shop
t{.}me[/]name_shop
t[dot]me/name_shop
t(точка)me/name_shop
t точка me слэш name_shop
t нүкте me / name_shop
т.ме/name_shop
т точка ме слеш name_shop
тэ точка мэ слэш name_shop
t.mе/name_shop
t.me/nаme_shоp
t.me/na\u200bme_shop
t\u200b.me/name_shop
t.m\u00ade/name_shop
ｔ．ｍｅ／ｎａｍｅ＿ｓｈｏｐ
𝐭.𝐦𝐞/𝐧𝐚𝐦𝐞_𝐬𝐡𝐨𝐩
hxxps://t.me/name_shop
hxxp[:]//t[.]me/name_shop
h**ps://t[.]me/name_shop
https:/ /t . me/name_shop
ttps://t.me/name_shop
htp://t.me/name_shop
https//t.me/name_shop
@nаme_shop
＠name_shop
тг: name_shop
тг - name_shop
ТГ name_shop
тг👉name_shop
tg: name_shop
Telegram name_shop
телега → name_shop
магазин тг:name_shop
телеграм арнасы: name_shop
ник name_shop в тг
name_shop (телеграм)
""",
    "https://instagram.com/name_shop": """
инста: name_shop
Инста - @name_shop
инстаграм name_shop
insta name_shop
@name_shop (инста)
@name_shop в инсте
instagram . com / name_shop
instagram[.]com/name_shop
instagram.com / name_shop
""",
    "https://instagram.com/aigerim": "инстаграм: aigerim\nинста aigerim",
    "https://vk.com/id123456": "вк id123456\nВКонтакте: id123456\nvk . com / id123456\nvk. com/id123456",
    "https://tiktok.com/@name_shop": "тикток @name_shop\nтик ток: name_shop\nTikTok: @name_shop",
    "https://wa.me/77011234567": """
ватсап +7 701 123 45 67
Ватсап: 8 701 123 45 67
ватсап номер 8(701)123-45-67
WhatsApp 87011234567
вц 87011234567
ватсап нөмірі 8 701 123 45 67
8 701 123 45 67 (ватсап)
+77011234567 на ватсап
wa.me / 77011234567
wa[.]me/77011234567
""",
    "https://t.me/+77011234567": """
t.me/+7 701 123 45 67
t.me/+7 (701) 123-45-67
тг +7 701 123-45-67
телеграм 87011234567
""",
    "https://signal.me/#p/+77011234567": "signal +77011234567",
    "viber://chat?number=%2B77011234567": "вайбер 87011234567",
    "https://snapchat.com/@name_shop": "снап: name_shop",
    "https://facebook.com/name_shop": "фб: name_shop",
    "https://x.com/name_shop": "твиттер: name_shop",
    "https://youtube.com/@name_shop": "ютуб @name_shop",
    "https://discord.gg/AbC": "discord . gg / AbC\ndiscord[.]gg/AbC",
    "https://example.kz/shop": "example . kz / shop\nhxxp://example[.]kz/shop\nexample(точка)kz/shop",
    "https://example.kz": "example .kz\nexample нүкте kz\nexample точка kz\nexample[.]kz",
    "https://xn--e1afmkfd.xn--p1ai": "пример точка рф",
}


@pytest.mark.parametrize(
    ("text", "url"), [(text, url) for url, texts in DISGUISED.items() for text in texts.strip().split("\n")]
)
def test_what_is_disguised_is_found_and_is_a_guess(text: str, url: str) -> None:
    for around in ("{}", "пишут сюда: {}\nи ничего больше"):
        assert [(link.url, link.guessed) for link in find(around.format(text))] == [(url, True)]


@pytest.mark.parametrize(
    ("text", "sure", "guessed"),
    [
        ("tg @name_shop", ["https://t.me/name_shop"], []),
        ("инста @name_shop", [], ["https://instagram.com/name_shop"]),
        ("инста instagram.com/name_shop", ["https://instagram.com/name_shop"], []),
        ("INSTA: name.kz_1", [], ["https://instagram.com/name.kz_1"]),
        ("инста name.shop", [], ["https://instagram.com/name.shop"]),
        ("инста: name.shop, сайт name.shop", ["https://name.shop"], ["https://instagram.com/name.shop"]),
        ("инста: name.shop/", ["https://name.shop"], []),
        ("тг name.shop", ["https://name.shop"], []),
        (
            "telega @name_shop / insta @other_shop",
            ["https://t.me/name_shop"],
            ["https://instagram.com/other_shop"],
        ),
        ("hxxps://t.me/abcde и t.me/fghij", ["https://t.me/fghij"], ["https://t.me/abcde"]),
        ("t.me/abcde, то есть t . me / abcde", ["https://t.me/abcde"], []),
        ("instаgram.com/name", ["https://xn--instgram-46g.com/name"], ["https://instagram.com/name"]),
        ("https://site.kz/?tg=name_shop", ["https://site.kz?tg=name_shop"], []),
        # The address of a network beside a handle does not name the handle's network.
        (
            "@name_shop instagram.com/other @third_shop vk.com/fourth",
            [
                "https://t.me/name_shop",
                "https://instagram.com/other",
                "https://t.me/third_shop",
                "https://vk.com/fourth",
            ],
            [],
        ),
        ("@name_shop instagram", [], ["https://instagram.com/name_shop"]),
        ("kaspi.kz / olx.kz", ["https://kaspi.kz", "https://olx.kz"], []),
        ("ватсап 12345678901", [], []),
        ("инста ivan_1@mail.kz", [], []),
    ],
)
def test_what_is_plain_stays_sure_beside_what_is_not(text: str, sure: list[str], guessed: list[str]) -> None:
    found = find(text)
    assert [link.url for link in found if not link.guessed] == sure
    assert [link.url for link in found if link.guessed] == guessed


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_sentence_has_no_link(sentence: str) -> None:
    assert find(sentence) == []


def test_ordinary_sentences_are_many_and_their_neighbours_make_no_link() -> None:
    assert len(ORDINARY) > 100
    assert find("\n".join(ORDINARY)) == []
    assert find(" ".join(ORDINARY)) == []


def test_one_link_is_never_guessed_and_neither_are_the_lines_of_a_list() -> None:
    assert canonical("t . me / name_shop") is None
    assert read_list(b"t[.]me/name_shop\nt.me/abcde").lines_without_link == 1
