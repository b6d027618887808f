"""Plain sites, onion addresses, and what is no link at all."""

import base64
import hashlib
import subprocess
import sys

import pytest

from bot.links import canonical


def onion(key: bytes = bytes(range(32)), version: bytes = b"\x03") -> str:
    checksum = hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2]
    return base64.b32encode(key + checksum + version).decode().lower()


@pytest.mark.parametrize(
    ("form", "url"),
    [
        ("example.kz", "https://example.kz"),
        ("http://www.www.Example.kz", "https://example.kz"),
        ("http://www.www.kz", "https://www.kz"),
        ("http://www.Example.KZ:80/", "https://example.kz"),
        ("https://example.kz:443", "https://example.kz"),
        ("https://example.kz./a/", "https://example.kz/a"),
        ("http://example.kz:8080/a", "http://example.kz:8080/a"),
        ("https://user:secret@example.kz/a", "https://example.kz/a"),
        ("https://t.me@example.kz/a", "https://example.kz/a"),
        ("https://example.kz/Shop/Item?b=2&a=1#top", "https://example.kz/Shop/Item?a=1&b=2"),
        ("https://example.kz/?utm_source=x&fbclid=y&id=5&gclid=z", "https://example.kz?id=5"),
        ("https://example.kz/%7ea/%d0%bf/%2f", "https://example.kz/~a/%D0%BF/%2F"),
        ("https://example.kz/a/../b/./c", "https://example.kz/b/c"),
        ("https://example.kz\\a\\b", "https://example.kz/a/b"),
        ("https://пример.рф/путь", "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C"),
        ("сайт.қаз", "https://xn--80aswg.xn--80ao21a"),
        ("https://ｅｘａｍｐｌｅ．kz/a", "https://example.kz/a"),
        ("http://1.1.1.1/a", "http://1.1.1.1/a"),
        ("http://0x01010101/", "http://1.1.1.1"),
        ("ftp://example.kz/list.txt", "ftp://example.kz/list.txt"),
        ("telegram.ton", "https://telegram.ton"),
        ("https://shop.gov.kz", "https://shop.gov.kz"),
    ],
)
def test_sites(form: str, url: str) -> None:
    link = canonical(form)
    assert link is not None
    assert (link.platform, link.what, link.url) == ("site", "page", url)
    assert canonical(url) == link


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "слово", "два слова", "example.kz и ещё", "mailto:a@example.kz", "a@example.kz", "javascript:alert(1)",
        "data:text/html,x", "file:///etc/passwd", "http://", "https://localhost/x", "http://127.0.0.1", "http://0x7f.1",
        "http://2130706433", "http://①②⑦.0.0.1", "http://10.0.0.1", "http://192.168.1.1", "http://169.254.169.254/",
        "http://[::1]/", "http://[2002:7f00:1::]/", "http://[::ffff:10.0.0.1]/", "http://0.0.0.0", "http://224.0.0.1",
        "http://printer.local/", "http://a.internal", "main.py", "README.md", "archive.zip", "file.txt", "photo.jpg",
        "1.5", "2.kg", "т.д", "и т.п.", "вечером.Потом", "г.Москва", "утром.дети", "12.05.2024", "10.30",
        "http://exa mple.kz", "http:// example.kz", "com.kz", "http://-.kz", "http://a_b_.kz", "ssh://example.kz",
        "x" * 5000, "https://example.kz/" + "x" * 5000,
        "t.me/\x00abcd", "https://example.kz/\udca2",
    ],
)  # fmt: skip
def test_what_is_no_link(text: str) -> None:
    assert canonical(text) is None


@pytest.mark.parametrize("form", ["{}.onion", "http://{}.onion/", "https://www.{}.onion", "{}.onion.ly", "{}.ONION/#x"])
def test_onion_addresses_and_their_gateways_are_one(form: str) -> None:
    link = canonical(form.format(onion()))
    assert link is not None
    assert (link.platform, link.url) == ("onion", f"http://{onion()}.onion")


def test_pages_that_only_lead_on_are_followed_a_few_steps() -> None:
    step = "https://vk.com/away.php?to="
    link = canonical(step * 3 + "t.me/abcde")
    assert link is not None
    assert link.url == "https://t.me/abcde"
    assert canonical(step * 140 + "t.me/abcde") is None


def test_an_onion_address_with_a_wrong_checksum_or_version_is_no_link() -> None:
    good = onion()
    assert canonical(f"http://{'b' if good[0] == 'a' else 'a'}{good[1:]}.onion/") is None
    assert canonical(f"http://{onion(version=bytes([2]))}.onion/") is None
    assert canonical("http://expyuzz4wqqyqhjn.onion/") is None


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("t.me/Abcde", "t.me/abcde"),
        ("https://пример.рф/путь", "пример.рф/путь"),
        ("https://қазақша.қаз", "қазақша.қаз"),
        ("https://аррӏе.com/a", "аррӏе.com [xn--80ak6aa92e.com]/a"),
        ("https://pаypal.com", "pаypal.com [xn--pypal-4ve.com]"),
        ("https://ınstagram.com/a", "ınstagram.com [xn--nstagram-skb.com]/a"),
        ("https://example.kz/%E2%80%AE%20x", "example.kz/%E2%80%AE%20x"),
        ("viber://chat?number=77011234567", "viber://chat?number=%2B77011234567"),
    ],
)
def test_links_are_shown_as_what_they_are(form: str, shown: str) -> None:
    link = canonical(form)
    assert link is not None
    assert link.shown == shown


def test_importing_links_is_light() -> None:
    script = (
        "import sys, bot.links as links; links.canonical('https://t.me/abcde');"
        "links.find('t.me/abcde example.kz @abcde');"
        "sys.exit(any(name in sys.modules for name in ('tldextract', 'aiogram', 'pydantic', 'requests', 'idna')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
