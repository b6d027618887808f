"""What holds for every link, whatever people type."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.links import canonical, find, read_list
from bot.links.lists import EmptyList, UnreadableList
from tests.examples import some

NAMES = st.from_regex(r"[A-Za-z](_?[A-Za-z0-9]){4,15}", fullmatch=True)
HOST_NAMES = """
t.me telegram.me www.t.me example.kz vk.com m.vk.com instagram.com tiktok.com facebook.com wa.me youtube.com x.com
пример.рф telegra.ph web.telegram.org signal.me 1.1.1.1 discord.gg olx.kz invite.viber.com pinterest.ru bit.ly ok.ru
"""
HOSTS = st.sampled_from(HOST_NAMES.split())
PIECES = st.text(alphabet="abcXYZ019._-+@$%/?&=#!~ñж ", max_size=40)
ADDRESSES = st.builds("{}{}/{}".format, st.sampled_from(["", "http://", "https://", "HTTPS://"]), HOSTS, PIECES)
APP_NAMES = """
resolve join addlist contact message nft bg boost privatepost invoice share proxy socks login newbot addstickers
"""
KEYS = """
domain invite slug token post channel server url phone story album collection appname game start port secret username
"""
APP_NAME, KEY = st.sampled_from(APP_NAMES.split()), st.sampled_from(KEYS.split())
APP_LINKS = st.builds("tg://{}?{}={}&{}={}".format, APP_NAME, KEY, PIECES, KEY, PIECES)
ANYTHING = st.text(st.characters(exclude_categories=()))  # halves of characters, too
WORDS = st.lists(st.sampled_from(["привет", *",().«—👉\n @", "@abcde", "t.me/abcdf", "a@b.kz", "http://", "tg://"]))


@settings(max_examples=some(500), deadline=None)
@given(st.one_of(ANYTHING, ADDRESSES, APP_LINKS, PIECES))
def test_canonical_of_canonical_is_canonical(text: str) -> None:
    link = canonical(text)
    if link is not None:
        assert canonical(link.url) == link
        assert link.shown


@settings(max_examples=some(500), deadline=None)
@given(st.one_of(ANYTHING, st.lists(st.one_of(ADDRESSES, APP_LINKS, PIECES)).map(" ".join), WORDS.map("".join)))
def test_find_never_raises_and_gives_each_link_once(text: str) -> None:
    links = find(text)
    assert len({link.url for link in links}) == len(links)


@settings(max_examples=some(500), deadline=None)
@given(st.one_of(ADDRESSES, APP_LINKS))
def test_what_is_kept_can_be_found_again_in_a_text(text: str) -> None:
    link = canonical(text)
    # a mark at the end of an address is taken for one of the sentence, in a text
    if link is not None and link.url[-1] not in ".!?-":
        assert find(f"вот {link.url} и всё") == [link]


@settings(deadline=None)
@given(NAMES, st.integers(1, 2**31 - 1), st.data())
def test_all_forms_of_a_public_name_are_one(name: str, post: int, data: st.DataObject) -> None:
    cased = "".join(data.draw(st.sampled_from([char.lower(), char.upper()])) for char in name)
    form = data.draw(
        st.sampled_from(
            [
                "@{}",
                "t.me/{}",
                "https://t.me/s/{}/",
                "telegram.me/{}?start=x",
                "tg://resolve?domain={}",
                "http://{}.t.me",
            ]
        )
    )
    link = canonical(form.format(cased))
    assert link is not None
    assert link.url == f"https://t.me/{name.lower()}"
    for post_form in (
        f"t.me/{cased}/{post}",
        f"t.me/s/{cased}/{post}?single",
        f"tg:resolve?post={post}&domain={cased}",
    ):
        link = canonical(post_form)
        assert link is not None
        assert link.url == f"https://t.me/{name.lower()}/{post}"


@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z0-9_-]{16,22}", fullmatch=True).filter(lambda text: not text.isdigit()))
def test_invites_keep_their_letters(token: str) -> None:
    links = {canonical(form + token) for form in ("t.me/+", "https://t.me/joinchat/", "tg://join?invite=")}
    assert [link and link.url for link in links] == [f"https://t.me/+{token}"]


@settings(deadline=None)
@given(st.permutations(["a=1", "b=2", "c=%D0%B6", "utm_source=x", "fbclid=y"]), st.sampled_from(["http", "https"]))
def test_order_and_noise_do_not_matter(query: list[str], scheme: str) -> None:
    link = canonical(f"{scheme}://www.example.kz/a/?{'&'.join(query)}#frag")
    assert link is not None
    assert link.url == "https://example.kz/a?a=1&b=2&c=%D0%B6"


@settings(deadline=None)
@given(st.binary(max_size=500))
def test_any_bytes_are_a_list_or_a_named_error(data: bytes) -> None:
    try:
        made = read_list(data)
    except (EmptyList, UnreadableList):
        return
    assert made.lines_read > 0
