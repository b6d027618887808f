"""Methods that change or take away messages, and answer presses."""

from bot.sandbox.checks import caption_of, inline_of, text_of
from bot.sandbox.core import PRESS_ANSWER_LIFE, Core
from bot.sandbox.entities import units
from bot.sandbox.errors import bad_request
from bot.sandbox.methods import UPLOADS, method
from bot.sandbox.methods_media import media_of
from bot.sandbox.posting import reachable, shown
from bot.sandbox.world import Group, Json, Message

DELETABLE = 48 * 3600


@method("editMessageText")
async def edit_message_text(core: Core, given: Json) -> Json:
    """Change the text of a message of the bot."""
    words = text_of(given, core.world.people, too_long="MESSAGE_TOO_LONG")
    message = _editable(core, given)
    if message.text is None:
        raise bad_request("there is no text in the message to edit")
    preview = given.get("link_preview_options", message.link_preview)
    return _apply(
        core, given, message, text=words.text, entities=words.entities, html=words.source, link_preview=preview
    )


@method("editMessageCaption")
async def edit_message_caption(core: Core, given: Json) -> Json:
    """Change the caption of a photo or file of the bot."""
    words = caption_of(given, core.world.people)
    message = _editable(core, given)
    if not message.content or message.location:
        raise bad_request("there is no caption in the message to edit")
    return _apply(core, given, message, caption=words.text or None, entities=words.entities, html=words.source)


@method("editMessageReplyMarkup")
async def edit_message_reply_markup(core: Core, given: Json) -> Json:
    """Change the inline buttons of a message of the bot."""
    return _apply(core, given, _editable(core, given))


@method("editMessageMedia")
async def edit_message_media(core: Core, given: Json) -> Json:
    """Replace a photo by a photo, or a file by a file, with a new caption."""
    item = given["media"]
    media = media_of(core, item, item["type"], "media", given[UPLOADS])
    message = _editable(core, given)
    if not message.content or message.location:
        raise bad_request("there is no media in the message to edit")
    if message.media_group_id is not None and set(message.content) != set(media.content):
        raise bad_request("message can't be edited: media of an album keeps its type")
    words = media.words
    return _apply(
        core,
        given,
        message,
        content=media.content,
        caption=words.text or None,
        entities=words.entities,
        html=words.source,
        spoiler=media.spoiler,
    )


@method("deleteMessage")
async def delete_message(core: Core, given: Json) -> bool:
    """Delete one message, not older than 48 hours."""
    chat = reachable(core, given["chat_id"])
    message = core.world.find(chat.id, given["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    _delete(core, message)
    return True


@method("deleteMessages")
async def delete_messages(core: Core, given: Json) -> bool:
    """Delete up to 100 messages; those that are gone are skipped."""
    chat = reachable(core, given["chat_id"])
    if not 1 <= len(given["message_ids"]) <= 100:
        raise bad_request("there must be 1-100 message identifiers")
    for message_id in given["message_ids"]:
        if (message := core.world.find(chat.id, message_id)) is not None:
            _delete(core, message)
    return True


@method("setMessageReaction")
async def set_message_reaction(core: Core, given: Json) -> bool:
    """Put the bot's one reaction on a message, or take it away."""
    chat = reachable(core, given["chat_id"])
    message = core.world.find(chat.id, given["message_id"])
    if message is None:
        raise bad_request("message to react not found")
    reactions = given.get("reaction") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions = reactions
    return True


@method("answerCallbackQuery")
async def answer_callback_query(core: Core, given: Json) -> bool:
    """Answer a press, once and within fifteen minutes."""
    press = core.presses.get(given["callback_query_id"])
    if press is None or press.answered or core.clock() > press.time + PRESS_ANSWER_LIFE:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = given.get("text")
    if text is not None and units(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    press.answered, press.text = True, text
    press.alert, press.url = bool(given.get("show_alert")), given.get("url")
    return True


def _editable(core: Core, given: Json) -> Message:
    if "inline_message_id" in given:
        raise bad_request("the sandbox does not do inline messages")
    for field in ("chat_id", "message_id"):
        if field not in given:
            raise bad_request("chat_id is empty" if field == "chat_id" else "message identifier is not specified")
    chat = reachable(core, given["chat_id"])
    message = core.world.find(chat.id, given["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot or message.uneditable or message.service or message.forward_origin:
        raise bad_request("message can't be edited")
    return message


def _apply(core: Core, given: Json, message: Message, **changes: object) -> Json:
    # An edit without reply_markup takes the buttons away.
    changes["markup"] = inline_of(given)
    if all(getattr(message, key) == value for key, value in changes.items() if key != "html"):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    core.limits.take(message.chat_id)
    for key, value in changes.items():
        setattr(message, key, value)
    message.edit_date = core.now()
    return shown(core, message)


def _delete(core: Core, message: Message) -> None:
    group = core.group(message.chat_id)
    if core.clock() - message.date > DELETABLE or not (message.from_bot or _may_delete(group)):
        raise bad_request("message can't be deleted for everyone")
    message.deleted = True


def _may_delete(group: Group | None) -> bool:
    return group is None or (group.bot_status == "administrator" and "can_delete_messages" in group.bot_rights)
