"""The next question follows from the kind file and what the draft has."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citizen.dialogue import Dialogue, read
from bot.citizen.steps import can_add, complete, fits, holds, next_take, step_back
from bot.reports.contents import Contents, Point, StoredLink
from bot.reports.kinds import Content, Kind, load_kinds

KINDS = load_kinds(Path(__file__).parents[2] / "templates" / "kinds")
LINK = StoredLink(platform="telegram", what="channel", url="https://t.me/name")
FILLED: dict[Content, dict[str, object]] = {
    Content.LINKS: {"links": [LINK]},
    Content.LOCATION: {"point": Point(latitude=42.9, longitude=71.4)},
    Content.PHOTOS: {"photos": 1},
    Content.WORDS: {"words": "слова"},
}


def draft(kind: str, *contents: Content, **more: object) -> Contents:
    values = {name: value for content in contents for name, value in FILLED[content].items()}
    return Contents.model_validate({"kind": kind, "report_id": UUID(int=1), **values, **more})


def asked(kind: Kind, held: Contents, *finished: Content) -> Content | None:
    take = next_take(kind, Dialogue(draft=held, finished=list(finished)))
    return take.content if take else None


ORDERS = {
    "link": [Content.LINKS],
    "place": [Content.LOCATION, Content.WORDS, Content.PHOTOS],
    "graffiti": [Content.PHOTOS, Content.LOCATION, Content.WORDS],
    "stash": [Content.WORDS, Content.LOCATION, Content.PHOTOS],
    "lab": [Content.WORDS, Content.LOCATION, Content.PHOTOS],
    "den": [Content.WORDS, Content.LOCATION, Content.PHOTOS],
}


@pytest.mark.parametrize("name", ORDERS)
def test_the_questions_come_in_the_order_of_the_kind_file(name: str) -> None:
    kind, held = KINDS[name], draft(name)
    finished: list[Content] = []
    for content in ORDERS[name]:
        assert asked(kind, held, *finished) is content
        held = draft(name, *ORDERS[name][: ORDERS[name].index(content) + 1])
        finished.append(content)
    assert asked(kind, held, *finished) is None


def test_what_is_there_already_is_not_asked_for() -> None:
    assert asked(KINDS["stash"], draft("stash", Content.LOCATION)) is Content.WORDS
    assert asked(KINDS["stash"], draft("stash", Content.LOCATION, Content.WORDS)) is Content.PHOTOS
    assert asked(KINDS["place"], draft("place", Content.LOCATION, Content.WORDS), Content.PHOTOS) is None


def test_a_required_answer_cannot_be_left_out() -> None:
    assert asked(KINDS["graffiti"], draft("graffiti"), Content.PHOTOS) is Content.PHOTOS
    assert asked(KINDS["den"], draft("den"), *Content) is Content.WORDS


def test_photos_are_asked_for_until_done() -> None:
    held = draft("graffiti", Content.PHOTOS)
    assert asked(KINDS["graffiti"], held) is Content.PHOTOS
    assert asked(KINDS["graffiti"], held, Content.PHOTOS) is Content.LOCATION


def test_an_address_in_words_is_a_location() -> None:
    assert holds(draft("den", address="Абая 15"), Content.LOCATION)
    assert not complete(KINDS["den"], draft("den", address="Абая 15"))
    assert complete(KINDS["den"], draft("den", Content.WORDS))


def test_a_list_that_is_being_read_stands_for_its_links() -> None:
    assert complete(KINDS["link"], draft("link", lists=1))


def test_the_summary_offers_what_still_fits() -> None:
    link, graffiti = KINDS["link"], KINDS["graffiti"]
    assert can_add(link, draft("link", Content.LINKS)) == ["links", "words", "photos"]
    assert can_add(link, draft("link", Content.LINKS, Content.WORDS, photos=10)) == ["links"]
    assert can_add(graffiti, draft("graffiti", Content.LOCATION, Content.WORDS, photos=9)) == ["photos"]
    assert can_add(graffiti, draft("graffiti", Content.LOCATION, Content.WORDS, photos=10)) == []
    assert can_add(link, draft("link", Content.LINKS, links_apart=4999)) == ["words", "photos"]


def test_back_leads_to_the_question_before() -> None:
    graffiti = KINDS["graffiti"]
    at_photos = Dialogue(draft=draft("graffiti"))
    assert step_back(graffiti, at_photos) is None
    held = draft("graffiti", Content.PHOTOS)
    assert step_back(graffiti, Dialogue(draft=held, finished=[Content.PHOTOS])) is Content.PHOTOS
    whole = Dialogue(draft=draft("graffiti", *ORDERS["graffiti"]), finished=[Content.PHOTOS])
    assert step_back(graffiti, whole) is Content.WORDS


def test_a_kind_fits_what_it_takes() -> None:
    assert fits(KINDS["link"], draft("", Content.PHOTOS, Content.WORDS))
    assert not fits(KINDS["link"], draft("", Content.LOCATION))
    assert fits(KINDS["place"], draft("", Content.PHOTOS, Content.LOCATION))
    assert [name for name, kind in KINDS.items() if fits(kind, draft("", Content.LINKS))] == ["link"]


CONTENTS = st.sets(st.sampled_from(Content))


@given(st.sampled_from(list(KINDS.values())), CONTENTS, CONTENTS)
def test_a_draft_is_complete_exactly_when_nothing_required_is_asked_for(
    kind: Kind, held: set[Content], finished: set[Content]
) -> None:
    dialogue = Dialogue(draft=draft(kind.name, *held), finished=sorted(finished))
    take = next_take(kind, dialogue)
    assert dialogue.draft
    if take is None:
        assert complete(kind, dialogue.draft)
    elif take.required and not holds(dialogue.draft, take.content):
        assert not complete(kind, dialogue.draft)
    else:
        assert take.content not in finished


@given(st.sampled_from(list(KINDS.values())), CONTENTS, CONTENTS)
def test_going_back_always_comes_to_the_first_question(kind: Kind, held: set[Content], finished: set[Content]) -> None:
    dialogue = Dialogue(draft=draft(kind.name, *held), finished=sorted(finished))
    for _ in range(len(kind.takes) + 1):
        content = step_back(kind, dialogue)
        if content is None:
            return
        held = held - {content}
        dialogue = Dialogue(
            draft=draft(kind.name, *held), finished=[done for done in dialogue.finished if done is not content]
        )
    raise AssertionError("back leads in a circle")


def test_a_dialogue_of_another_version_is_read_as_far_as_it_is_known_or_begins_anew() -> None:
    stored = Dialogue(draft=Contents(report_id=UUID(int=1), kind="link", links=[LINK])).model_dump(mode="json")
    assert read(stored | {"of_a_later_version": [1]}) == Dialogue.model_validate(stored)
    assert read(stored | {"asked": "of_a_later_version"}) == Dialogue()
    assert read({"draft": "of_an_earlier_version"}) == Dialogue()
