"""Each platform's forms: what is one thing is one link, what differs stays apart.

The cases lie in `link_cases`, a file for each platform: a new platform is its entry in the table and its file there.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.languages import Language
from bot.links import canonical
from bot.links.platforms import BadPlatformTable, name_of, read_table, table

CASES: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).with_name("link_cases").glob("*.toml"))
}
SAME = [(platform, case) for platform, cases in CASES.items() for case in cases["same"]]
DIFFERENT = [pair for cases in CASES.values() for pair in cases["different"]]
FORMS = [(case["url"], form) for _, case in SAME for form in case["forms"] if "://" in form and "#" not in form]
NOISE = ["utm_source=a", "utm_campaign=b", "fbclid=c", "igsh=d", "gclid=e", "yclid=f"]


@pytest.mark.parametrize(("platform", "case"), SAME, ids=[f"{row[0]}-{n}" for n, row in enumerate(SAME)])
def test_all_forms_of_a_thing_are_one_link(platform: str, case: dict[str, Any]) -> None:
    for form in [*case["forms"], case["url"]]:
        link = canonical(form)
        assert link is not None, form
        assert (link.platform, link.what, link.url) == (platform, case["what"], case["url"]), form
        assert link.private == case.get("private", False), form


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_stays_apart(one: str, other: str) -> None:
    first, second = canonical(one), canonical(other)
    assert first is not None
    assert second is not None
    assert first.url != second.url


def test_every_platform_has_a_name_and_cases_of_both_sorts() -> None:
    assert table().names.keys() == CASES.keys()
    for code, cases in CASES.items():
        assert cases["same"], code
        assert cases["different"], code
        assert all(name_of(code, language) for language in Language)
    assert name_of("site", Language.EN) == "Website"
    assert name_of("a_platform_of_old_rows") == "a_platform_of_old_rows"


@settings(deadline=None)
@given(st.sampled_from(FORMS), st.lists(st.sampled_from(NOISE), max_size=4))
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
        name = "Newnet"
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
        ("[platforms.a]\nname = 'A'\nhosts = ['a.kz']\n[platforms.b]\nname = 'B'\nhosts = ['a.kz']", "belongs to a"),
        ("[platforms.a]\nhosts = ['a.kz']", "a: wants a name"),
        ("[platforms.a]\nhosts = ['a.kz']\nname = { ru = 'A', en = 'A' }", "a: wants a name"),
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
