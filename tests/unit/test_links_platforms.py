"""Each platform's forms: what is one thing is one link, what differs stays apart. A new platform is its cases here."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.links import canonical
from bot.links.platforms import BadPlatformTable, read_table, table

# (platform, what, canonical address, ways in which people write it)
SAME = [
    (
        "instagram",
        "account",
        "https://instagram.com/some.shop",
        [
            "instagram.com/some.shop",
            "https://www.instagram.com/Some.Shop/?igsh=MWZ",
            "m.instagram.com/some.shop?hl=ru",
            "instagram.com/some.shop/reels/",
            "ig.me/m/some.shop",
            "instagram.com/stories/some.shop",
            "https://instagram.com/_u/some.shop",
            "instagram://user?username=some.shop",
            "instagr.am/some.shop",
        ],
    ),
    (
        "instagram",
        "post",
        "https://instagram.com/p/CxYz-1_A",
        [
            "https://www.instagram.com/p/CxYz-1_A/?img_index=2",
            "instagram.com/reel/CxYz-1_A",
            "instagram.com/reels/CxYz-1_A/",
            "instagram.com/tv/CxYz-1_A",
            "https://www.instagram.com/some.shop/reel/CxYz-1_A/",
        ],
    ),
    (
        "instagram",
        "story",
        "https://instagram.com/stories/some.shop/123456",
        ["instagram.com/stories/Some.Shop/123456/?utm_source=ig"],
    ),
    (
        "threads",
        "account",
        "https://threads.com/@some.shop",
        ["threads.net/@Some.Shop", "https://www.threads.com/@some.shop?xmt=AQ"],
    ),
    (
        "threads",
        "post",
        "https://threads.com/t/C8abc",
        ["https://www.threads.net/@some/post/C8abc?x=1", "threads.com/t/C8abc"],
    ),
    (
        "tiktok",
        "account",
        "https://tiktok.com/@some.shop",
        [
            "tiktok.com/@Some.Shop?lang=ru",
            "https://www.tiktok.com/@some.shop?_t=8x&_r=1",
            "m.tiktok.com/@some.shop",
            "https://www.tiktok.com/kk-KZ/@some.shop",
        ],
    ),
    (
        "tiktok",
        "post",
        "https://tiktok.com/@_/video/7123456789012345678",
        [
            "https://www.tiktok.com/@a.b/video/7123456789012345678?is_from_webapp=1",
            "m.tiktok.com/v/7123456789012345678.html",
            "tiktok.com/embed/v2/7123456789012345678",
        ],
    ),
    (
        "tiktok",
        "short",
        "https://vm.tiktok.com/ZMabCD12",
        ["vm.tiktok.com/ZMabCD12/", "https://vm.tiktok.com/ZMabCD12?k=1"],
    ),
    (
        "vk",
        "account",
        "https://vk.com/some_shop",
        [
            "vk.com/Some_Shop",
            "m.vk.com/some_shop",
            "https://vk.ru/some_shop?from=search",
            "vk.me/some_shop",
            "vkontakte.ru/some_shop",
            "http://www.vk.com/some_shop/",
        ],
    ),
    (
        "vk",
        "account",
        "https://vk.com/club123",
        ["vk.com/club123", "vk.com/public123", "vk.com/event123", "vk.com/wall-123", "m.vk.com/write-123"],
    ),
    (
        "vk",
        "account",
        "https://vk.com/id123",
        ["vk.com/id123", "vk.com/write123", "vk.com/im?sel=123", "vk://profile/123"],
    ),
    (
        "vk",
        "post",
        "https://vk.com/wall-12_34",
        [
            "vk.com/wall-12_34",
            "https://vk.com/feed?w=wall-12_34",
            "m.vk.com/wall-12_34?reply=5",
            "vk.com/shop?w=wall-12_34_r56",
            "vk.com/shop?w=wall-12_34%2Fall",
        ],
    ),
    ("vk", "post", "https://vk.com/photo-1_2", ["vk.com/photo-1_2", "vk.com/shop?z=photo-1_2%2Falbum-1_0"]),
    (
        "vk",
        "post",
        "https://vk.com/market-1_2",
        ["vk.com/market-1?w=product-1_2", "vk.com/product-1_2", "vk.com/market/product/some-thing-1-2"],
    ),
    ("vk", "invite", "https://vk.me/join/AbCdEf", ["vk.me/join/AbCdEf", "https://vk.com/join/AbCdEf"]),
    (
        "ok",
        "account",
        "https://ok.ru/profile/570000000001",
        [
            "ok.ru/profile/570000000001",
            "m.ok.ru/profile/570000000001/statuses",
            "odnoklassniki.ru/profile/570000000001?st=1",
        ],
    ),
    (
        "ok",
        "account",
        "https://ok.ru/group/54000000001",
        ["ok.ru/group54000000001", "https://ok.ru/group/54000000001/members"],
    ),
    ("ok", "post", "https://ok.ru/group/54000000001/topic/155", ["m.ok.ru/group/54000000001/topic/155"]),
    ("ok", "account", "https://ok.ru/some.shop", ["ok.ru/Some.Shop", "www.ok.ru/some.shop/photos"]),
    (
        "facebook",
        "account",
        "https://facebook.com/some.shop",
        [
            "facebook.com/Some.Shop",
            "m.facebook.com/some.shop?mibextid=ZbWKwL",
            "https://ru-ru.facebook.com/some.shop/",
            "fb.com/some.shop",
            "m.me/some.shop",
            "facebook.com/some.shop/photos",
        ],
    ),
    (
        "facebook",
        "account",
        "https://facebook.com/profile.php?id=100012",
        [
            "facebook.com/profile.php?id=100012&ref=x",
            "m.facebook.com/profile.php?id=100012",
            "facebook.com/people/Some-Name/100012/",
            "fb://profile/100012",
        ],
    ),
    (
        "facebook",
        "post",
        "https://facebook.com/permalink.php?id=5&story_fbid=7",
        ["m.facebook.com/story.php?story_fbid=7&id=5", "https://www.facebook.com/permalink.php?id=5&story_fbid=7"],
    ),
    (
        "facebook",
        "post",
        "https://facebook.com/watch?v=99",
        ["facebook.com/watch/?v=99", "facebook.com/some.shop/videos/99/", "facebook.com/reel/99"],
    ),
    ("facebook", "ad", "https://facebook.com/marketplace/item/77", ["facebook.com/marketplace/item/77/?ref=search"]),
    (
        "youtube",
        "post",
        "https://youtube.com/watch?v=dQw4w9WgXcQ",
        [
            "youtu.be/dQw4w9WgXcQ?si=x&t=5",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1",
            "m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ",
            "youtube.com/shorts/dQw4w9WgXcQ",
            "youtube.com/live/dQw4w9WgXcQ",
            "youtube-nocookie.com/embed/dQw4w9WgXcQ",
            "music.youtube.com/watch?v=dQw4w9WgXcQ",
        ],
    ),
    (
        "youtube",
        "account",
        "https://youtube.com/@someshop",
        ["youtube.com/@SomeShop/videos", "https://m.youtube.com/@someshop"],
    ),
    ("youtube", "account", "https://youtube.com/channel/UCabcDEF", ["youtube.com/channel/UCabcDEF/about"]),
    (
        "x",
        "account",
        "https://x.com/some_shop",
        [
            "twitter.com/Some_Shop",
            "mobile.twitter.com/some_shop",
            "x.com/some_shop/media",
            "https://x.com/intent/user?screen_name=some_shop",
            "twitter://user?screen_name=some_shop",
            "twitter.com/#!/some_shop",
        ],
    ),
    (
        "x",
        "post",
        "https://x.com/i/status/123456",
        [
            "x.com/some_shop/status/123456?s=20&t=x",
            "twitter.com/some_shop/status/123456/photo/1",
            "twitter.com/i/web/status/123456",
            "fxtwitter.com/a/status/123456",
        ],
    ),
    (
        "whatsapp",
        "phone",
        "https://wa.me/77011234567",
        [
            "wa.me/77011234567",
            "wa.me/+77011234567?text=hi",
            "https://api.whatsapp.com/send?phone=77011234567&text=x",
            "https://api.whatsapp.com/send/?phone=%2B7%20701%20123-45-67",
            "web.whatsapp.com/send?phone=77011234567",
            "whatsapp://send?phone=+77011234567",
            "wa.me/c/77011234567",
        ],
    ),
    (
        "whatsapp",
        "invite",
        "https://chat.whatsapp.com/AbCdEf123",
        [
            "chat.whatsapp.com/AbCdEf123?mode=ac",
            "whatsapp://chat?code=AbCdEf123",
            "https://web.whatsapp.com/accept?code=AbCdEf123",
        ],
    ),
    ("whatsapp", "channel", "https://whatsapp.com/channel/0029VaAb", ["https://www.whatsapp.com/channel/0029VaAb/12"]),
    (
        "viber",
        "phone",
        "viber://chat?number=%2B77011234567",
        ["viber://chat?number=%2B77011234567", "viber://add?number=77011234567", "viber.click/77011234567"],
    ),
    ("viber", "invite", "https://invite.viber.com/?g2=AQBxyz-1", ["https://invite.viber.com/?g2=AQBxyz-1&lang=ru"]),
    (
        "viber",
        "account",
        "https://chats.viber.com/someshop",
        ["chats.viber.com/SomeShop", "viber://pa?chatURI=someshop"],
    ),
    (
        "signal",
        "phone",
        "https://signal.me/#p/+77011234567",
        ["https://signal.me/#p/+77011234567", "sgnl://signal.me/#p/+77011234567"],
    ),
    (
        "signal",
        "invite",
        "https://signal.group/#CjQKIabc",
        ["https://signal.group/#CjQKIabc", "sgnl://signal.group/#CjQKIabc"],
    ),
    (
        "discord",
        "invite",
        "https://discord.gg/AbC12",
        [
            "discord.gg/AbC12",
            "https://discord.com/invite/AbC12?event=1",
            "discordapp.com/invite/AbC12",
            "discord://-/invite/AbC12",
        ],
    ),
    ("discord", "channel", "https://discord.com/channels/1/2", ["ptb.discord.com/channels/1/2"]),
    (
        "snapchat",
        "account",
        "https://snapchat.com/@some.shop",
        [
            "snapchat.com/add/Some.Shop?share_id=1",
            "https://www.snapchat.com/@some.shop",
            "https://www.snapchat.com/ru-RU/add/some.shop",
        ],
    ),
    (
        "pinterest",
        "account",
        "https://pinterest.com/someshop",
        ["pinterest.com/SomeShop/", "ru.pinterest.com/someshop", "pinterest.ru/someshop"],
    ),
    (
        "pinterest",
        "post",
        "https://pinterest.com/pin/123456",
        ["https://www.pinterest.com/pin/123456/?mt=login", "pinterest.co.uk/pin/some-words--123456/"],
    ),
    ("pinterest", "short", "https://pin.it/4abCD", ["pin.it/4abCD"]),
    (
        "olx",
        "ad",
        "https://olx.kz/d/obyavlenie/prodam-chto-to-IDabC12.html",
        [
            "https://www.olx.kz/d/obyavlenie/prodam-chto-to-IDabC12.html?reason=x",
            "m.olx.kz/d/obyavlenie/prodam-chto-to-IDabC12.html",
            "olx.kz/obyavlenie/prodam-chto-to-IDabC12.html#x",
            "olx.kz/d/kk/obyavlenie/prodam-chto-to-IDabC12.html",
            "olx.kz/kk/d/obyavlenie/prodam-chto-to-IDabC12.html",
        ],
    ),
    (
        "kaspi",
        "ad",
        "https://kaspi.kz/shop/p/some-thing-12345",
        ["https://kaspi.kz/shop/p/some-thing-12345/?c=750000000", "www.kaspi.kz/shop/p/some-thing-12345"],
    ),
    ("kaspi", "payment", "https://pay.kaspi.kz/pay/abc123", ["pay.kaspi.kz/pay/abc123"]),
    ("kolesa", "ad", "https://krisha.kz/a/show/123", ["m.krisha.kz/a/show/123?x=1", "https://krisha.kz/kk/a/show/123"]),
    (
        "linktree",
        "account",
        "https://linktr.ee/someshop",
        ["linktr.ee/SomeShop", "https://www.linktr.ee/someshop?utm_source=x"],
    ),
    ("linktree", "account", "https://someshop.carrd.co", ["https://SomeShop.carrd.co/#x"]),
    ("shortener", "short", "https://bit.ly/3AbCd", ["bit.ly/3AbCd", "http://bit.ly/3AbCd?x=1"]),
    ("paste", "page", "https://pastebin.com/AbCd12", ["pastebin.com/raw/AbCd12", "https://pastebin.com/AbCd12"]),
    (
        "telegram",
        "channel",
        "https://t.me/some_shop",
        [
            "https://vk.com/away.php?to=https%3A%2F%2Ft.me%2Fsome_shop&cc_key=",
            "https://l.instagram.com/?u=https%3A%2F%2Ft.me%2Fsome_shop&e=AT",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Ft.me%2Fsome_shop",
            "https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Ft.me%2Fsome_shop",
            "https://web.telegram.org/k/#@some_shop",
        ],
    ),
]
PRIVATE = {"invite", "phone", "payment"}

# Pairs that only look alike.
DIFFERENT = [
    ("instagram.com/p/CxYz", "instagram.com/p/cxyz"),
    ("instagram.com/cxyz", "instagram.com/p/cxyz"),
    ("vk.com/wall-1_2", "vk.com/wall1_2"),
    ("vk.com/id1", "vk.com/club1"),
    ("youtu.be/abcdefghijk", "youtu.be/ABCDEFGHIJK"),
    ("bit.ly/abc", "bit.ly/ABC"),
    ("bit.ly/abc", "cutt.ly/abc"),
    ("discord.gg/abc", "discord.gg/ABC"),
    ("chat.whatsapp.com/abc", "chat.whatsapp.com/ABC"),
    ("wa.me/77011234567", "t.me/+77011234567"),
    ("facebook.com/groups/1/posts/2", "facebook.com/groups/1/posts/3"),
    ("ok.ru/profile/1", "ok.ru/group/1"),
    ("linktr.ee/someshop", "taplink.cc/someshop"),
    ("olx.kz/d/obyavlenie/a-IDaaa.html", "olx.uz/d/obyavlenie/a-IDaaa.html"),
    ("facebook.com/search?q=a", "facebook.com/search?q=b"),
    ("vm.tiktok.com/ZM1", "vt.tiktok.com/ZM1"),
    ("pinterest.com/someshop/one", "pinterest.com/someshop/two"),
    ("https://signal.me/#p/+77011234567", "https://signal.me/#p/+77011234568"),
]


@pytest.mark.parametrize(
    ("platform", "what", "url", "forms"), SAME, ids=[f"{row[0]}-{row[1]}-{n}" for n, row in enumerate(SAME)]
)
def test_all_forms_of_a_thing_are_one_link(platform: str, what: str, url: str, forms: list[str]) -> None:
    for form in [*forms, url]:
        link = canonical(form)
        assert link is not None, form
        assert (link.platform, link.what, link.url) == (platform, what, url), form
        assert link.private == (what in PRIVATE or platform == "discord")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_stays_apart(one: str, other: str) -> None:
    first, second = canonical(one), canonical(other)
    assert first is not None
    assert second is not None
    assert first.url != second.url


def test_every_platform_of_the_table_has_cases() -> None:
    assert {platform.name for platform in table().by_host.values()} <= {row[0] for row in SAME}


@settings(deadline=None)
@given(
    st.sampled_from([(row[2], form) for row in SAME for form in row[3] if "://" in form and "#" not in form]),
    st.lists(
        st.sampled_from(["utm_source=a", "utm_campaign=b", "fbclid=c", "igsh=d", "gclid=e", "yclid=f"]), max_size=4
    ),
)
def test_noise_in_the_query_does_not_matter(case: tuple[str, str], noise: list[str]) -> None:
    url, form = case
    link = canonical(form + ("&" if "?" in form else "?") + "&".join(noise))
    assert link is not None
    assert link.url == url


def test_a_new_platform_is_one_entry() -> None:
    made = read_table(
        """
        [parts]
        name = '[a-z]+'
        [platforms.newnet]
        hosts = ["newnet.kz"]
        url = "https://newnet.kz"
        shapes = [{ at = "/u/{name}", what = "account", url = "/u/{name}" }]
        """
    )
    assert made.by_host["newnet.kz"].shapes[0].match("newnet.kz", "/u/abc", (), "") == "/u/abc"


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("[platforms.a]\nhosts = []", "no hosts"),
        ("[platforms.a]\nhosts = ['a.kz']\nhost = 'x'", "unknown keys"),
        ("[platforms.a]\nhosts = ['a.kz']\n[platforms.b]\nhosts = ['a.kz']", "belongs to a"),
        (
            "[platforms.a]\nhosts = ['a.kz']\nshapes = [{ at = '/{x}', what = 'page', url = '/' }]",
            "no part is called x",
        ),
        ("[platforms.a]\nhosts = ['a.kz']\nshapes = [{ at = '/a', what = 'page', url = '/{x}' }]", "stand nowhere"),
        ("[platforms.a]\nhosts = ['a.kz']\nshapes = [{ what = 'page', url = '/' }]", "wants at, what and url"),
        ("[platforms", "not TOML"),
    ],
)
def test_a_broken_table_says_where(broken: str, says: str) -> None:
    with pytest.raises(BadPlatformTable, match=says):
        read_table(broken)
