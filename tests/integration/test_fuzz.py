"""Whatever was typed, what is shown of it fits into Telegram and is whole HTML: summaries, counters, cards."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Dialogue, Step
from bot.citizen.safety import Safety
from bot.database import driver
from bot.delivery.outbox import CardSort
from bot.delivery.sender import WantedCard
from bot.embedded import Embedded
from bot.languages import Language
from bot.links import find
from bot.reports.contents import ADDRESS_MOST, WORDS_MOST, Contents, Point, StoredLink
from bot.sandbox import checks, html
from bot.sandbox.entities import units
from bot.telegram.turn import TryAgain
from bot.texts_wanted import CITIZEN
from bot.wording import Wording
from tests.examples import some
from tests.integration.rehearsal import ROOT, Rehearsal, rehearsal

ANY = st.characters(exclude_categories=["Cs"])
TYPED = st.one_of(
    st.text(ANY, max_size=60),
    st.text(st.sampled_from("<>&\"'{}%/b \n"), max_size=200),
    st.builds(lambda letter, count: letter * count, ANY, st.integers(1, WORDS_MOST)),
    st.sampled_from(
        ["𝕬" * WORDS_MOST, "&" * WORDS_MOST, "<" * WORDS_MOST, "\u202e" * 500, "ы́" * 2000, "\n" * 3000 + "x"]
    ),
)
HOSTS = st.sampled_from(["https://t.me/{}", "https://narko-shop.com/{}", "https://xn--80ak6aa92e.com/{}"])
LINKS = st.builds(
    lambda host, path: StoredLink(platform="site", what="page", url=host.format(path), shown=host.format(path)),
    HOSTS,
    st.one_of(st.text(ANY, max_size=20), st.builds(lambda letter, n: letter * n, ANY, st.integers(1, 4000))),
)
DRAFTS = st.builds(
    Contents,
    kind=st.sampled_from(["link", "place", "graffiti", "stash", "lab", "den"]),
    report_id=st.uuids(version=4),
    links=st.lists(LINKS, max_size=8),
    links_apart=st.integers(0, 5000),
    words=TYPED.map(lambda text: text[:WORDS_MOST]),
    address=TYPED.map(lambda text: text[:ADDRESS_MOST]),
    point=st.one_of(st.none(), st.builds(Point, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))),
    photos=st.integers(0, 10),
    lists=st.integers(0, 5),
    restricted=st.booleans(),
)

WORST = Contents(
    kind="link",
    report_id=UUID(int=7),
    links=[StoredLink(platform="site", what="page", url="x", shown=f"{n}" + "𝕬" * 4000) for n in range(8)],
    links_apart=4992,
    words="𝕬" * WORDS_MOST,
    address="𝕬" * ADDRESS_MOST,
    point=Point(latitude=-12.123456, longitude=-123.123456),
    photos=9,
    lists=3,
)


@pytest.fixture(scope="module")
async def bot(cluster: Embedded, wording: Wording) -> AsyncIterator[Rehearsal]:
    async with rehearsal(cluster, wording) as opened:
        yield opened


@pytest.fixture(scope="module")
def conversation(bot: Rehearsal, wording: Wording) -> Conversation:
    return Conversation(wording.texts, wording.kinds, bot.app.labels, Safety(ROOT / "templates"))


def holds(text: str) -> str:
    """Check a text as Telegram would; give what is read of it."""
    formatted = checks.text_of({"text": text, "parse_mode": "HTML"}, {})
    assert units(formatted.text) <= 4096
    return formatted.text


class _NoTurn:
    """Stands for the turn where nothing but the text is looked at."""

    def __init__(self) -> None:
        self.state: str | None = None
        self.data: dict[str, Any] = {}


@given(draft=DRAFTS, language=st.sampled_from(Language))
@example(draft=WORST, language=Language.KK)
@example(draft=WORST.model_copy(update={"kind": "den"}), language=Language.RU)
@settings(max_examples=some(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_summary_fits_with_all_that_may_be_said_before_it(
    conversation: Conversation, draft: Contents, language: Language
) -> None:
    talk = Talk(_NoTurn(), Dialogue(draft=draft, finished=[]), language, language)  # type: ignore[arg-type]
    # The longest that a turn says first: the numbers to call and every refusal of one message at once.
    first = [conversation.contacts_text(talk, danger=True)]
    first += [conversation.text(talk, name, **CITIZEN[name]) for name in ("refused_video", "words_full", "links_full")]
    summary = conversation.summary(talk, draft)
    read = holds("\n\n".join([*first, summary]))
    if draft.words.strip():
        assert "<blockquote>" in summary
    quoted = re.sub(r"<blockquote>.*?</blockquote>", "", summary, flags=re.DOTALL)
    assert "<script" not in quoted
    assert units(read) > 0
    reply = conversation.present(talk, *first)
    holds(reply.params["text"])


@given(links=st.integers(0, 10**9), language=st.sampled_from(Language))
def test_the_counter_fits(wording: Wording, links: int, language: Language) -> None:
    holds(wording.texts.render(language, "citizen.counter", links=links))


@given(draft=DRAFTS, language=st.sampled_from(Language))
@example(draft=WORST, language=Language.RU)
@example(draft=WORST.model_copy(update={"kind": "den"}), language=Language.KK)
@settings(max_examples=some(60), deadline=None, suppress_health_check=list(HealthCheck))
async def test_the_cards_of_whatever_was_filed_fit(
    bot: Rehearsal, wording: Wording, draft: Contents, language: Language
) -> None:
    draft = draft.model_copy(
        update={"report_id": uuid4(), "photos": 0, "lists": 0, "links_apart": 0, "restricted": False}
    )
    if draft.kind != "link":
        draft.links = []
    else:
        # Links as they come in: what is no link is none here either.
        draft.links = [StoredLink.of(link) for stored in draft.links for link in find(stored.url)]
        draft.links += [
            StoredLink.of(link) for n in range(9) for link in find(f"https://narko-shop.com/{n}{'x' * 400}")
        ]
    now = datetime.now(UTC)
    await bot.ring.ready(now)
    async with bot.database.transaction() as connection:
        await bot.app.reports.file(await driver(connection), draft, 1, now, (token_bytes(32), uuid4()))
    shown = bot.app.cards
    subjects = [(CardSort.REPORT, draft.report_id)]
    rows = await bot.fetch("SELECT resource_id FROM report_links WHERE report_id = $1 LIMIT 2", draft.report_id)
    subjects += [(CardSort.RESOURCE, row["resource_id"]) for row in rows]
    for sort, subject in subjects:
        outgoing = await shown.card(WantedCard(uuid4(), sort, subject, 1, {}, language.value))
        assert outgoing
        holds(outgoing.params["text"])
        typed = re.sub(r"<(blockquote|code)>.*?</\1>", "", outgoing.params["text"], flags=re.DOTALL)
        assert "№99" not in typed
        checks.markup_of(outgoing.params, private=False)


@given(words=TYPED, language=st.sampled_from(Language))
@settings(max_examples=some(60), deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_is_typed_is_answered_with_what_telegram_takes(
    bot: Rehearsal, words: str, language: Language
) -> None:
    person = bot.sandbox.add_person("Citizen", language_code=language.value)
    person.started = True
    for text in (
        words[:4096],
        f"t.me/abcde {words}"[:4096],
        bot.app.labels._texts.plain(language, "kinds.den.label"),
        words[:4096],
    ):
        bot.sandbox.send_text(person, text)
        try:
            await bot.answer()
        except TryAgain:
            pytest.fail(f"an unhandled exception for {text[:200]!r}")


ENVELOPES: list[Any] = [None, 0, -(2**62), "x", [], {}, [None], {"id": None}, {"id": -1, "type": "private"}, True]
KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member", "poll", "unheard_of")
A = {"id": 1, "is_bot": False, "first_name": "A"}
HOME = {"id": 1, "type": "private"}
SHAPES: dict[str, Callable[[Any], Any]] = {
    "body": lambda strange: strange,
    "chat": lambda strange: {"chat": strange, "from": A, "message_id": 1, "date": 1, "text": "t.me/abcde"},
    "sender": lambda strange: {"chat": HOME, "from": strange, "message_id": 1, "date": 1, "text": "x"},
    "date": lambda strange: {"chat": {"id": 1, "type": strange}, "from": A, "message_id": strange, "date": strange},
    "pressed": lambda strange: {"id": "1", "from": A, "message": strange, "data": strange, "chat_instance": "1"},
    "presser": lambda strange: {"id": "1", "from": strange, "message": {"chat": HOME, "message_id": 1, "date": 0}},
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_an_envelope_of_nonsense_is_set_aside(bot: Rehearsal, shape: str) -> None:
    for kind in KINDS:
        for strange in ENVELOPES:
            update = {"update_id": uuid4().int >> 70, kind: SHAPES[shape](strange)}
            await taken(bot, update)
            await taken(bot, {**update, "update_id": strange})


async def test_a_press_on_the_desk_by_nobody_is_set_aside(bot: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_member(chat_id: int, user_id: int) -> dict[str, str]:
        return {"status": "left"}

    monkeypatch.setattr(bot.app.access, "_get_member", no_member)
    message = {"chat": {"id": bot.desk.id, "type": "supergroup"}, "message_id": 1, "date": 0}
    for strange in ENVELOPES:
        query = {"id": "1", "from": strange, "message": message}
        await taken(bot, {"update_id": uuid4().int >> 70, "callback_query": query})


async def taken(bot: Rehearsal, update: Any) -> None:
    try:
        call = await bot.app.intake.take(orjson.loads(orjson.dumps(update)))
    except TryAgain:
        pytest.fail(f"an unhandled exception for {update}")
    assert call is None or call[0] in ("sendMessage", "answerCallbackQuery")


def test_html_that_is_not_whole_is_found() -> None:
    with pytest.raises(Exception, match="end tag"):
        html.parse("<b>not closed")
    assert Step.filling.state
