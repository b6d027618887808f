"""The world on disk, so that a sandbox that was stopped goes on where it was.

A bot keeps message ids and chat ids in its database: a sandbox that forgot them would give them out anew.
"""

import asyncio
import os
from dataclasses import asdict
from pathlib import Path

import orjson

from bot.sandbox.core import Core, Press
from bot.sandbox.files import StoredFile
from bot.sandbox.updates import Update
from bot.sandbox.world import Group, Json, Member, Message, Person, Topic

_WAIT = 0.3
_FILE_FIELDS = ("file_id", "unique_id", "size", "kind", "path", "name", "mime_type", "content")


class Keeper:
    """Writes a world into a folder soon after each change, and reads it back."""

    def __init__(self, core: Core, folder: Path) -> None:
        self._core = core
        self._path = folder / "world.json"
        self._files = folder / "files"
        self._timer: asyncio.TimerHandle | None = None

    def read(self) -> Json | None:
        """What was kept, if anything was."""
        return orjson.loads(self._path.read_bytes()) if self._path.exists() else None

    def touch(self) -> None:
        """Something changed: write it in a moment."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_WAIT, self.write)

    def write(self) -> None:
        """Write all now, the old state standing until the new one is whole."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._files.mkdir(parents=True, exist_ok=True)
        for stored in self._core.files.by_id.values():
            path = self._files / stored.unique_id
            if not path.exists():
                path.write_bytes(stored.data)
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(dump(self._core), option=orjson.OPT_NON_STR_KEYS))
        os.replace(fresh, self._path)

    def load(self, kept: Json) -> None:
        """Put what was kept into the empty world."""
        world, updates, files = self._core.world, self._core.updates, self._core.files
        world.people = {one["id"]: Person(**one) for one in kept["people"]}
        world.groups = {one["id"]: _group(one, world.people) for one in kept["groups"]}
        for one in kept["messages"]:
            world.add(Message(**{**one, "sender": world.people.get(one["sender"])}))
        world.keyboards = {int(chat): message for chat, message in kept["keyboards"].items()}
        world.last_ids = {int(row): last for row, last in kept["last_ids"].items()}
        for one in kept["files"]:
            files.by_id[one["file_id"]] = StoredFile(**one, data=(self._files / one["unique_id"]).read_bytes())
        for one in kept["presses"]:
            message = world.chats[one.pop("chat_id")][one.pop("message_id")]
            self._core.presses[one["id"]] = Press(**one, message=message)
        updates.next_id = kept["next_update"]
        for one in kept["updates"]:
            updates.put(Update(**{**one, "queue": tuple(one["queue"])}))


def dump(core: Core) -> Json:
    """The world as plain JSON; answered presses and delivered updates are left out."""
    world = core.world
    return {
        "token": core.token,
        "people": [asdict(person) for person in world.people.values()],
        "groups": [_plain_group(group) for group in world.groups.values()],
        "messages": [_plain_message(message) for chat in world.chats.values() for message in chat.values()],
        "keyboards": world.keyboards,
        "last_ids": world.last_ids,
        "files": [{key: getattr(stored, key) for key in _FILE_FIELDS} for stored in core.files.by_id.values()],
        "presses": [_plain_press(press) for press in core.presses.values() if not press.answered],
        "next_update": core.updates.next_id,
        "updates": [asdict(update) for update in core.updates.pending()],
    }


def _plain_message(message: Message) -> Json:
    sender = message.sender
    fields = {key: value for key, value in vars(message).items() if key != "sender"}
    return {**fields, "sender": sender.id if sender is not None else None}


def _plain_press(press: Press) -> Json:
    fields = {key: value for key, value in vars(press).items() if key != "message"}
    return {**fields, "chat_id": press.message.chat_id, "message_id": press.message.id}


def _plain_group(group: Group) -> Json:
    members = [
        {"person": member.person.id, "status": member.status, "anonymous": member.anonymous}
        for member in group.members.values()
    ]
    topics = [asdict(topic) for topic in group.topics.values()]
    return {**vars(group), "bot_rights": sorted(group.bot_rights), "members": members, "topics": topics}


def _group(kept: Json, people: dict[int, Person]) -> Group:
    members = [Member(**{**one, "person": people[one["person"]]}) for one in kept["members"]]
    return Group(
        **{
            **kept,
            "bot_rights": set(kept["bot_rights"]),
            "members": {member.person.id: member for member in members},
            "topics": {one["id"]: Topic(**one) for one in kept["topics"]},
        }
    )
