"""Addresses as browsers read them, and in texts of all sorts: cases like those of WHATWG, twitter-text and linkify."""

import pytest

from bot.links import canonical, find

# As a browser's address bar takes them (WHATWG), as far as they are on the public internet.
BROWSERS = [
    ("ht\ntps://exa\tmple.kz/a\n", "https://example.kz/a"),
    ("\x01 https://example.kz/ \x1f", "https://example.kz"),
    ("http:example.kz", "https://example.kz"),
    ("http:/example.kz/a", "https://example.kz/a"),
    ("https:////example.kz/a", "https://example.kz/a"),
    ("http:\\\\example.kz\\a\\b?c\\d", "https://example.kz/a/b?c%5Cd="),
    ("https://example.kz\\@other.kz/a", "https://example.kz/@other.kz/a"),
    ("//example.kz/a", "https://example.kz/a"),
    ("HTTPS://EXAMPLE.KZ:00443/A", "https://example.kz/A"),
    ("http://example.kz:/a", "https://example.kz/a"),
    ("http://example.kz:8080", "http://example.kz:8080"),
    ("http://@example.kz", "https://example.kz"),
    ("http://a:b@c:d@example.kz/", "https://example.kz"),
    ("http://user:@example.kz:443/", "https://example.kz"),
    ("http://ex%61mple%2ekz/", "https://example.kz"),
    ("http://%65%78ample.kz", "https://example.kz"),
    ("http://ＥＸample。kz", "https://example.kz"),
    ("https://ex\u00adam\u200bple.kz", "https://example.kz"),
    ("https://faß.de", "https://xn--fa-hia.de"),
    ("https://☕.kz", "https://xn--53h.kz"),
    ("http://example.kz/a b/ü", "https://example.kz/a%20b/%C3%BC"),
    ("http://example.kz/%7Ea/%zz/%", "https://example.kz/~a/%zz/%"),
    ("http://example.kz/./a/%2e%2e/b", "https://example.kz/b"),
    ("http://example.kz?#", "https://example.kz"),
    ("http://example.kz./a", "https://example.kz/a"),
    ("http://x_y.example.kz", "https://x_y.example.kz"),
    ("http://8.8.8.8.", "http://8.8.8.8"),
    ("http://0x8.8.0x808", "http://8.8.8.8"),
    ("http://134744072", "http://8.8.8.8"),
    ("http://010.010.010.010", "http://8.8.8.8"),
    ("http://８.⑧.8.8", "http://8.8.8.8"),
    ("http://[2606:4700:4700:0:0:0:0:1111]:80/a", "http://[2606:4700:4700::1111]/a"),
]
NO_BROWSER = """
http:// http:/// http://? http://@ http://:80 http://user@/x https://:443 http://a.kz:65536 http://a.kz:8x http://a..kz
http://.kz http://a%00.kz http://a%23.kz http://exa<mple.kz http://exa^mple.kz http://a.kz|b http://[1::2::3] http://[]
http://[8.8.8.8] http://1.2.3.4.5 http://256.256.256.256 http://0x100000000 http://8.8.8.8.8x.9 http://xn--a.kz
http://xn--.kz file:///a.kz ws://a.kz blob:https://a.kz/x about:blank mailto:a@a.kz data:,a.kz view-source:http://a.kz
http://localhost http://127.1 http://0177.0.0.1 http://[::ffff:127.0.0.1] http://[fe80::1] http://0 http://192.0.2.1
"""


@pytest.mark.parametrize(("typed", "url"), BROWSERS)
def test_what_browsers_open_is_read_as_they_read_it(typed: str, url: str) -> None:
    link = canonical(typed)
    assert link is not None
    assert link.url == url
    assert canonical(url) == link


@pytest.mark.parametrize(
    "typed", [*NO_BROWSER.split(), "http://a.kz\nhttp://b.kz", "http://a b.kz/", "http://a\udca2.kz"]
)
def test_what_no_browser_opens_on_the_public_internet_is_no_link(typed: str) -> None:
    assert canonical(typed) is None


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        # beside other writing and punctuation
        ("いまなにしてるhttp://example.comいまなにしてる", ["https://example.com"]),
        ("日本語です。example.kz中国語example.org/abc", ["https://example.kz", "https://example.org/abc"]),
        ("каналt.me/abcde", ["https://t.me/abcde"]),
        ("на olx.kzтам", ["https://olx.kz"]),
        ("http://example.kz/x、http://example.kz/y。", ["https://example.kz/x", "https://example.kz/y"]),
        ("http://example.kz/a！（и）", ["https://example.kz/a"]),
        ("(see http://example.kz/a_(b)_c)", ["https://example.kz/a_(b)_c"]),
        ("http://example.kz/a).", ["https://example.kz/a"]),
        ("\"http://example.kz/a\" 'http://example.kz/b'", ["https://example.kz/a", "https://example.kz/b"]),
        ("«http://example.kz/a», “http://example.kz/b”", ["https://example.kz/a", "https://example.kz/b"]),
        ("http://example.kz/I'm_a-b--c", ["https://example.kz/I'm_a-b--c"]),
        ("http://example.kz/a... http://example.kz/b…", ["https://example.kz/a", "https://example.kz/b"]),
        ("http://example.kz/a...b", ["https://example.kz/a...b"]),
        ("http://example.kz -->", ["https://example.kz"]),
        ("$http://example.kz #http://example.org", ["https://example.kz", "https://example.org"]),
        ("#тег http://example.kz/#тег @abcde", ["https://example.kz", "https://t.me/abcde"]),
        # markdown, HTML, quotes
        ("[x](https://example.kz/b)[m](mailto:s@example.org)", ["https://example.kz/b"]),
        ("[x]: https://example.kz/b 'title'", ["https://example.kz/b"]),
        ("<https://example.kz/b> >>example.org", ["https://example.kz/b", "https://example.org"]),
        ('<a href="https://example.kz/b?c=d">x</a>', ["https://example.kz/b?c=d"]),
        # without a scheme, long suffixes, protocol-relative, e-mail
        (
            "a.travel b.museum/x c.technology дүкен.қаз",
            ["https://a.travel", "https://b.museum/x", "https://c.technology", "https://xn--d1acon18c.xn--80ao21a"],
        ),
        ("My //example.kz/a site", ["https://example.kz/a"]),
        ("///example.kz and hppt://example.kz", []),
        ("example.invalid example.coma foo.123 http://.example.kz", []),
        ("me@example.kz, x.y@example.kz; web: example.org", ["https://example.org"]),
        ("test.example@http://vk.com", ["https://vk.com"]),
        ("text:http://example.kz/", ["https://example.kz"]),
        # one against the other
        ("example.kz,example.org/a; example.net", ["https://example.kz", "https://example.org/a", "https://example.net"]),
        ("http://example.kzhttp://example.org", ["https://example.kz", "https://example.org"]),
        ("t.me/abcdehttps://t.me/fghij", ["https://t.me/abcde", "https://t.me/fghij"]),
        ("http://example.kz/http://example.org", ["https://example.kz/http://example.org"]),
        ("http://example.kz/?u=http://example.org", ["https://example.kz?u=http%3A%2F%2Fexample.org"]),
        ("example.kz:8080/a example.org:99999", ["http://example.kz:8080/a", "https://example.org"]),
        ("example.kz./a", ["https://example.kz/a"]),
        # glued to what a platform knows
        ("instagram.com/shop_kzпривет", ["https://instagram.com/shop_kz"]),
        ("tiktok.com/@shop_kz👈", ["https://tiktok.com/@shop_kz"]),
        ("instagram.com/a_shop,vk.com/b_shop", ["https://instagram.com/a_shop", "https://vk.com/b_shop"]),
        ("wa.me/77011234567звоните", ["https://wa.me/77011234567"]),
        ("t.co/AbC123です", ["https://t.co/AbC123"]),
        ("vk.com/video/привет", ["https://vk.com/video/%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82"]),
        # glued to a host
        ("olx.kz- там, сайт.қаз-да, http://a.kz-", ["https://olx.kz", "https://xn--80aswg.xn--80ao21a", "https://a.kz"]),
        ("http://example.kz.Там", ["https://example.kz"]),
        # what only browsers open
        ("https://t%2Eme/abcde", ["https://t.me/abcde"]),
        ("http://ex%61mple.kz/a и http://a%2Fb.kz", ["https://example.kz/a"]),
        ("https:/example.kz/a.", ["https://example.kz/a"]),
        ("//example.kz:8443/a", ["http://example.kz:8443/a"]),
    ],
)  # fmt: skip
def test_addresses_in_texts_of_all_sorts(text: str, urls: list[str]) -> None:
    assert [link.url for link in find(text)] == urls
