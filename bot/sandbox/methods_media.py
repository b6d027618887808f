"""Methods that send photos, files and albums, and getFile."""

import secrets
from dataclasses import dataclass

from bot.sandbox.checks import Formatted, caption_of
from bot.sandbox.core import Core
from bot.sandbox.errors import bad_request
from bot.sandbox.files import require_picture
from bot.sandbox.methods import UPLOADS, method
from bot.sandbox.posting import post, post_all, shown
from bot.sandbox.world import Json

_UPLOAD_LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True)
class Media:
    """A photo or file, ready to stand in a message."""

    content: Json
    words: Formatted
    spoiler: bool


@method("sendPhoto")
async def send_photo(core: Core, given: Json) -> Json:
    """Send a photo."""
    media = media_of(core, given, "photo", "photo", given[UPLOADS])
    caption = media.words.text or None
    return shown(
        core, post(core, given, content=media.content, words=media.words, caption=caption, spoiler=media.spoiler)
    )


@method("sendDocument")
async def send_document(core: Core, given: Json) -> Json:
    """Send a file."""
    media = media_of(core, given, "document", "document", given[UPLOADS])
    return shown(core, post(core, given, content=media.content, words=media.words, caption=media.words.text or None))


@method("sendMediaGroup")
async def send_media_group(core: Core, given: Json) -> list[Json]:
    """Send an album: 2–10 photos, or 2–10 files."""
    items: list[Json] = given["media"]
    if not 2 <= len(items) <= 10:
        raise bad_request("group of messages must include 2-10 items")
    if len({item["type"] == "document" for item in items}) > 1:
        raise bad_request("documents can't be mixed with other media types")
    album = str(secrets.randbelow(9 * 10**16) + 10**16)
    parts: list[tuple[Json, Formatted | None, Json]] = []
    for item in items:
        media = media_of(core, item, item["type"], "media", given[UPLOADS])
        more: Json = {"caption": media.words.text or None, "media_group_id": album, "spoiler": media.spoiler}
        parts.append((media.content, media.words, more))
    return [shown(core, message) for message in post_all(core, given, parts)]


@method("getFile")
async def get_file(core: Core, given: Json) -> Json:
    """Say where a file can be fetched for an hour."""
    stored = core.files.grant(given["file_id"])
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }


def media_of(core: Core, item: Json, kind: str, field: str, uploads: dict[str, tuple[str, str, bytes]]) -> Media:
    """The photo or document that a parameter names: by file_id, or as an upload."""
    if kind not in ("photo", "document"):
        raise bad_request(f"the sandbox does not send media of type {kind}")
    words = caption_of(item, core.world.people)
    spoiler = bool(item.get("has_spoiler"))
    name = item[field]
    if name.startswith("attach://"):
        upload = uploads.get(name.removeprefix("attach://"))
        if upload is None:
            raise bad_request(f"there is no {kind} in the request")
        return Media({kind: _stored(core, kind, *upload)}, words, spoiler)
    if name.startswith(("http://", "https://")):
        raise bad_request("the sandbox does not fetch addresses; upload the file or give its file_id")
    stored = core.files.by_id.get(name)
    if stored is None:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {stored.kind.title()} as {kind.title()}")
    return Media({kind: stored.content}, words, spoiler)


def _stored(core: Core, kind: str, name: str, mime_type: str, data: bytes) -> object:
    if not data:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        require_picture(data)
        return core.files.add_photo(data)
    if len(data) > _UPLOAD_LIMIT:
        raise bad_request("file is too big")
    return core.files.add_document(name, data, mime_type)[1]
