"""What reporters do: each scene is one thing that can be done with the bot, played with marks in every place.

A new feature is one more scene in SCENES. A reporter's story is a few of them, so that a dozen reporters play them all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.identities.reporter import Reporter
from tests.identities.scenes_after import (
    a_photo_that_knows_where,
    a_question_answered,
    abuse,
    codes_guessed,
    more_by_the_code,
    questions_not_answered,
)
from tests.journeys.acting import MOSCOW, TARAZ, unique

Scene = Callable[[Reporter], Awaitable[None]]


async def a_link_and_a_list(reporter: Reporter) -> None:
    """Links typed, in entities and in a file with a telling name."""
    reporter.types(f"t.me/{unique()} {reporter.words()}")
    await reporter.reads("")
    reporter.types(f"@{unique()}")
    await reporter.reads("")
    reporter.document(f"{reporter.marks.tag('List')}.txt", f"t.me/{unique()}\nt.me/{unique()}".encode())
    await reporter.reads(reporter.text("list_read", links=2, unread=0))
    await reporter.finishes()


async def a_forwarded_post(reporter: Reporter) -> None:
    """A channel's post, whose author signed; and a private channel's."""
    sandbox, channel = reporter.sandbox, unique("chan")
    reporter.sent(sandbox.forward_channel_post(reporter.person, "Shop", channel, 7, f"new {reporter.words()}"))
    await reporter.reads("")
    origin = {
        "type": "channel",
        "date": 1,
        "message_id": 5,
        "author_signature": reporter.marks.tag("Signature"),
        "chat": {"id": -1_001_234_567, "type": "channel", "title": reporter.marks.tag("Private")},
    }
    reporter.by_hand(text=f"t.me/{unique()}", forward_origin=origin, author_signature=reporter.marks.tag("Author"))
    await reporter.reads("")
    await reporter.finishes()


async def a_forwarded_person(reporter: Reporter) -> None:
    """Messages of people, open and hidden, quoted and mentioned, with all that Telegram tells of them."""
    sandbox, other = reporter.sandbox, reporter.marks.other
    await reporter.begins("den")
    reporter.sent(sandbox.forward_from_person(reporter.person, reporter.other, reporter.words("come at noon")))
    await reporter.reads("")
    hidden = reporter.marks.tag("Hidden")
    reporter.sent(sandbox.forward_from_person(reporter.person, hidden, reporter.words("and at night")))
    await reporter.reads("")
    reporter.by_hand(
        text=f"this man {reporter.words()}",
        entities=[{"type": "text_mention", "offset": 0, "length": 8, "user": other}],
        quote={"text": reporter.marks.tag("Quote"), "position": 0},
        external_reply={
            "origin": {"type": "user", "date": 1, "sender_user": other},
            "chat": {"id": -100, "type": "supergroup", "title": reporter.marks.tag("Group")},
            "contact": {"phone_number": reporter.marks.phone, "first_name": reporter.marks.tag("Contact")},
        },
        via_bot={**other, "is_bot": True},
        reply_to_message={
            "message_id": 1,
            "date": 1,
            "chat": {"id": reporter.id, "type": "private", "first_name": reporter.marks.tag("Chat")},
            "from": other,
            "text": reporter.marks.tag("Reply"),
        },
        sender_business_bot={**other, "is_bot": True},
        business_connection_id=reporter.marks.tag("Business"),
    )
    await reporter.reads("")
    await reporter.finishes()


async def photos_with_metadata(reporter: Reporter) -> None:
    """An album, and files with names, each with marks in every corner of it; one is damaged."""
    await reporter.begins("graffiti")
    pictures = [reporter.picture(shade=shade) for shade in (10, 20)]
    album = reporter.sandbox.send_photos(reporter.person, pictures, caption=reporter.words())
    reporter.last = album[0].id
    await reporter.reads("")
    for kind in ("JPEG", "PNG", "WEBP"):
        name = f"{reporter.marks.tag('IMG')}.{kind.lower()}"
        reporter.document(name, reporter.picture(kind), f"image/{kind.lower()}")
        await reporter.reads("")
    reporter.document(f"{reporter.marks.tag('Bad')}.jpg", reporter.picture()[:300], "image/jpeg")
    await reporter.taken()
    await reporter.finishes()


async def places_of_all_sorts(reporter: Reporter) -> None:
    """A live location that moves, a venue, one abroad."""
    await reporter.begins("place")
    reporter.location(MOSCOW)
    await reporter.reads("")
    live = reporter.location(TARAZ, live_period=900)
    await reporter.reads("")
    reporter.sandbox.move_live_location(reporter.person, live, 42.91, 71.38)
    reporter.sent(reporter.sandbox.send_venue(reporter.person, *TARAZ, title="Shop", address=reporter.words()))
    await reporter.reads("")
    await reporter.finishes()


async def a_stash_and_a_lab(reporter: Reporter) -> None:
    """What asks for words and an address."""
    for kind in ("stash", "lab"):
        await reporter.begins(kind)
        reporter.types(reporter.words("under a stone"))
        await reporter.reads("")
        reporter.types(reporter.words("Abay 1"))
        await reporter.reads("")
        await reporter.finishes()


async def all_that_is_refused(reporter: Reporter) -> None:
    """What gives people away and is refused: voices, faces, numbers."""
    sandbox, person = reporter.sandbox, reporter.person
    refused = (sandbox.send_voice, sandbox.send_video, sandbox.send_video_note, sandbox.send_animation)
    for send in (*refused, sandbox.send_audio, sandbox.send_sticker, sandbox.send_poll, sandbox.send_dice):
        reporter.sent(send(person))
        await reporter.reads("")
    reporter.sent(sandbox.send_contact(person, reporter.marks.phone))
    await reporter.reads("")
    card = {
        "phone_number": reporter.marks.phone,
        "first_name": reporter.marks.tag("Vcard"),
        "vcard": f"BEGIN:VCARD\nTEL:{reporter.marks.phone}\nEND:VCARD",
        "user_id": reporter.id,
    }
    reporter.by_hand(contact=card)
    await reporter.reads("")
    reporter.document(f"{reporter.marks.tag('Passport')}.pdf", b"%PDF-1.4 " + reporter.marks.tag("Pdf").encode())
    await reporter.reads("")
    for name in ("users_shared", "user_shared"):
        user = {"user_id": reporter.marks.other["id"], "first_name": reporter.marks.tag("Shared")}
        shared: dict[str, Any] = {name: {"request_id": 1, "users": [user], "user_id": reporter.marks.other["id"]}}
        reporter.by_hand(**shared)
    audio = {
        "file_id": "x",
        "duration": 3,
        "file_unique_id": reporter.marks.tag("Un"),
        "title": reporter.marks.tag("T"),
    }
    reporter.by_hand(audio={**audio, "performer": reporter.marks.tag("Performer")})
    await reporter.reads("")


async def drafts_that_are_not_sent(reporter: Reporter) -> None:
    """One is cancelled, one is left lying, with photos and words; messages are edited, the language changes."""
    await reporter.begins("stash")
    first = reporter.types(reporter.words())
    await reporter.reads("")
    reporter.sandbox.edit_text(reporter.person, first, reporter.words("edited"))
    reporter.types("/cancel")
    await reporter.reads("")
    reporter.types("/language")
    await reporter.reads("")
    reporter.types("English")
    await reporter.reads("")
    reporter.language = "en"
    await reporter.begins("den")
    reporter.types(reporter.words())
    await reporter.reads("")
    reporter.sandbox.send_photos(reporter.person, [reporter.picture()])
    await reporter.taken()
    for page in ("/privacy", "/about", "/help"):
        reporter.types(page)
        await reporter.reads("")


async def a_status_and_wrong_codes(reporter: Reporter) -> None:
    """A code of one's own, one mistyped, and garbage."""
    if not reporter.receipts:
        await a_link(reporter)
    for typed in (f"/status {reporter.receipts[0]}", reporter.receipts[0].lower(), "/status 0000-0000-0000-0000"):
        reporter.types(typed)
        await reporter.reads("")
    reporter.types(f"/status {reporter.marks.tag('Code')}")
    await reporter.reads("")


async def a_link(reporter: Reporter) -> None:
    """The shortest road."""
    reporter.types(f"t.me/{unique()}")
    await reporter.reads("")
    await reporter.finishes()


async def erased_and_forgotten(reporter: Reporter) -> None:
    """The address of one report is erased by the button, those of all others by the command."""
    await a_link(reporter)
    reporter.presses("erase")
    await reporter.reads("")
    await a_link(reporter)
    await drafts_that_are_not_sent(reporter)
    reporter.types("/forget")
    await reporter.reads("")


async def comings_and_goings(reporter: Reporter) -> None:
    """The bot is stopped and opened again, added to somebody's group, and meets the person there."""
    await a_link(reporter)
    sandbox = reporter.sandbox
    sandbox.block(reporter.person)
    sandbox.unblock(reporter.person)
    group = sandbox.add_group(reporter.marks.tag("Group"), added_by=reporter.person)
    sandbox.send_text(reporter.person, f"/start {reporter.marks.tag('Text')}", group)
    sandbox.join(reporter.other, group)
    reporter.types("/start " + reporter.marks.tag("Payload"))
    await reporter.reads("")


async def what_breaks(reporter: Reporter) -> None:
    """Updates that cannot be read, and refusals of Telegram's that quote names: all of them end up in logs."""
    tag = reporter.marks.tag("Broken")
    for content in (
        {"text": [tag]},
        {"text": tag, "entities": [{"type": tag}]},
        {"photo": [{"file_id": tag}]},
        {"location": {"latitude": tag}},
        {"forward_origin": {"type": tag, "sender_user": reporter.marks.other}},
        {"contact": reporter.marks.phone},
    ):
        reporter.by_hand(**content)
    reporter.house.tell("message", {"chat": {"id": reporter.id, "type": "private"}, "from": tag}, ("chat", reporter.id))
    reporter.house.tell("callback_query", {"id": tag, "from": reporter.marks.other, "data": tag}, ("press", 1))
    await reporter.taken()
    reporter.types(f"t.me/{unique()}")
    await reporter.reads("")
    await reporter.completes()
    refusal = f"{tag} {reporter.id}"
    reporter.sandbox.fail_next("sendMessage", 500, f"Internal Server Error: {refusal}", chat_id=reporter.id)
    await reporter.finishes()
    reporter.refused_later = f"Bad Request: can't parse entities of {refusal}"


SCENES: Final[tuple[Scene, ...]] = (
    a_link_and_a_list,
    a_forwarded_post,
    a_forwarded_person,
    photos_with_metadata,
    places_of_all_sorts,
    a_stash_and_a_lab,
    all_that_is_refused,
    drafts_that_are_not_sent,
    a_status_and_wrong_codes,
    erased_and_forgotten,
    comings_and_goings,
    what_breaks,
    a_question_answered,
    questions_not_answered,
    more_by_the_code,
    a_photo_that_knows_where,
)
LAST: Final[tuple[Scene, ...]] = (abuse, codes_guessed)
"""After these little more is taken of a reporter."""
