"""Methods that send words and places."""

from bot.sandbox.checks import text_of
from bot.sandbox.core import Core
from bot.sandbox.errors import bad_request
from bot.sandbox.methods import method
from bot.sandbox.posting import chat_of, post, reachable, shown
from bot.sandbox.world import Group, Json, Message

_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
TYPING_LIFE = 5.0


@method("sendMessage")
async def send_message(core: Core, given: Json) -> Json:
    """Send a text."""
    words = text_of(given, core.world.people)
    preview = given.get("link_preview_options")
    if preview is None and given.get("disable_web_page_preview"):
        preview = {"is_disabled": True}
    return shown(core, post(core, given, words=words, text=words.text, link_preview=preview))


@method("sendLocation")
async def send_location(core: Core, given: Json) -> Json:
    """Send a point on the map."""
    return shown(core, post(core, given, content={"location": point(given)}))


@method("sendVenue")
async def send_venue(core: Core, given: Json) -> Json:
    """Send a place with its name and address."""
    for field in ("title", "address"):
        if not given[field].strip():
            raise bad_request(f"venue {field} must be non-empty")
    location = point(given)
    venue = {"location": location, "title": given["title"], "address": given["address"]}
    return shown(core, post(core, given, content={"venue": venue, "location": location}))


@method("sendChatAction")
async def send_chat_action(core: Core, given: Json) -> bool:
    """Show "is typing" for five seconds."""
    chat = reachable(core, given["chat_id"])
    if given["action"] not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    core.typing[chat.id] = core.clock() + TYPING_LIFE
    return True


@method("forwardMessage")
async def forward_message(core: Core, given: Json) -> Json:
    """Forward a message, unless it is protected."""
    source = _source(core, given, "message to forward not found")
    if source.protect or source.service:
        raise bad_request("message can't be forwarded")
    origin = source.forward_origin
    if origin is None:
        origin = {"type": "user", "date": source.date, "sender_user": shown(core, source)["from"]}
    message = post(core, given, content=source.content, text=source.text, caption=source.caption, forward_origin=origin)
    message.entities, message.spoiler = source.entities, source.spoiler
    return shown(core, message)


@method("copyMessage")
async def copy_message(core: Core, given: Json) -> Json:
    """Send a copy of a message, unless it is protected."""
    source = _source(core, given, "message to copy not found")
    if source.protect or source.service:
        raise bad_request("message can't be copied")
    message = post(core, given, content=source.content, text=source.text, caption=source.caption)
    message.entities, message.spoiler = source.entities, source.spoiler
    return {"message_id": message.id}


def point(given: Json) -> Json:
    """A Location object of a call's latitude and longitude."""
    if not (-90 <= given["latitude"] <= 90 and -180 <= given["longitude"] <= 180):
        raise bad_request("wrong location specified")
    location: Json = {"latitude": given["latitude"], "longitude": given["longitude"]}
    for key in ("horizontal_accuracy", "live_period", "heading"):
        if given.get(key):
            location[key] = given[key]
    return location


def _source(core: Core, given: Json, missing: str) -> Message:
    chat = chat_of(core, given["from_chat_id"])
    if isinstance(chat, Group):
        reachable(core, chat.id)
    message = core.world.find(chat.id, given["message_id"])
    if message is None:
        raise bad_request(missing)
    return message
