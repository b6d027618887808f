"""What people are and do in chats: they come, write, edit, and leave."""

import secrets

from bot.sandbox import render
from bot.sandbox.core import Core
from bot.sandbox.entities import find
from bot.sandbox.world import Group, Json, Member, Message, Person, Status


class People(Core):
    """People and groups; each act queues the update that the bot would get."""

    def add_person(
        self,
        first_name: str,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "ru",
        person_id: int | None = None,
    ) -> Person:
        """Somebody new, whom the bot may not write to before they open it."""
        # Newer accounts have ids beyond 32 bits.
        person_id = person_id or secrets.randbelow(2_000_000_000) + 5_200_000_000
        person = Person(person_id, first_name, last_name, username, language_code)
        self.world.people[person.id] = person
        self.changed()
        return person

    def add_group(
        self,
        title: str,
        forum: bool = False,
        supergroup: bool = True,
        group_id: int | None = None,
        bot_status: Status = "administrator",
        username: str | None = None,
        added_by: Person | None = None,
    ) -> Group:
        """A group with the bot in it; with `added_by` the bot is told that it was added."""
        short = secrets.randbelow(2_000_000_000) + 1_500_000_000
        group_id = group_id or (-1_000_000_000_000 - short if supergroup else -short)
        group = Group(group_id, title, forum, supergroup, username, bot_status)
        self.world.groups[group.id] = group
        if added_by is not None:
            group.members[added_by.id] = Member(added_by, "creator")
            self._tell_bot_status(group, added_by, "left")
            self._service(group, added_by, {"new_chat_members": [self.me()]})
        self.changed()
        return group

    def set_bot_status(self, group: Group, by: Person, status: Status, rights: set[str] | None = None) -> None:
        """Somebody makes the bot an administrator or a member, or puts it out; it is told."""
        before, group.bot_status = group.bot_status, status
        if rights is not None:
            group.bot_rights = rights
        self._tell_bot_status(group, by, before)

    def join(self, person: Person, group: Group, status: Status = "member", anonymous: bool = False) -> None:
        """A person enters a group, or becomes something else in it."""
        old = render.member(self, group, person.id)
        entered = old["status"] in ("left", "kicked")
        group.members[person.id] = Member(person, status, anonymous)
        self._tell_member(group, person, person, old)
        if entered:
            self._service(group, person, {"new_chat_members": [render.user(person)]})

    def leave(self, person: Person, group: Group) -> None:
        """A person leaves a group."""
        old = render.member(self, group, person.id)
        group.members[person.id].status = "left"
        self._tell_member(group, person, person, old)
        self._service(group, person, {"left_chat_member": render.user(person)})

    def migrate(self, group: Group) -> Group:
        """A basic group becomes a supergroup with a new id; the old one is dead."""
        new = self.add_group(group.title, forum=group.forum, bot_status=group.bot_status)
        new.members = dict(group.members)
        first = next(iter(group.members.values())).person
        self._service(group, first, {"migrate_to_chat_id": new.id})
        group.migrated_to = new.id
        self._service(new, first, {"migrate_from_chat_id": group.id})
        return new

    def open_bot(self, person: Person, payload: str = "") -> Message:
        """Press Start, perhaps by a deep link with a payload."""
        return self.send_text(person, f"/start {payload}".rstrip())

    def send_text(
        self,
        person: Person,
        text: str,
        chat: Group | None = None,
        entities: list[Json] | None = None,
        reply_to: int | None = None,
        link_preview: str | None = None,
        thread_id: int | None = None,
    ) -> Message:
        """Send a text; without entities given, those that a client finds are added. link_preview: its address."""
        found = find(text) if entities is None else entities
        message = self._write(person, chat, reply_to=reply_to, thread_id=thread_id, text=text, entities=found)
        if link_preview is not None:
            message.link_preview = {"url": link_preview}
        self.tell_message(message)
        return message

    def edit_text(self, person: Person, message: Message, new_text: str) -> None:
        """Change a message of one's own."""
        if message.sender is not person:
            raise ValueError("people edit their own messages only")
        if message.text is None:
            message.caption = new_text
        else:
            message.text = new_text
        message.entities, message.edit_date = find(new_text), self.now()
        self.tell_message(message, "edited_message")

    def set_forum(self, group: Group, forum: bool) -> None:
        """Somebody turns a group's topics on or off; no bot is told of it, though each message's chat says it."""
        group.forum = forum
        self.changed()

    def delete_topic(self, group: Group, topic_id: int) -> None:
        """Somebody deletes a topic with all that stands in it; no bot is told of it."""
        del group.topics[topic_id]
        for message in self.world.messages(group.id):
            message.deleted = message.deleted or message.thread_id == topic_id
        self.changed()

    def delete(self, message: Message) -> None:
        """Somebody deletes a message in the client; no bot is told of it."""
        message.deleted = True
        self.changed()

    def block(self, person: Person) -> None:
        """The person stops the bot."""
        self._set_blocked(person, blocked=True)

    def unblock(self, person: Person) -> None:
        """The person lets the bot write again."""
        self._set_blocked(person, blocked=False)

    def _set_blocked(self, person: Person, blocked: bool) -> None:
        was, person.blocked = person.blocked, blocked
        if was is blocked:
            return
        states: list[Json] = [
            {"user": self.me(), "status": "member"},
            {"user": self.me(), "status": "kicked", "until_date": 0},
        ]
        self.tell(
            "my_chat_member",
            {
                "chat": render.chat(self, person.id),
                "from": render.user(person),
                "date": self.now(),
                "old_chat_member": states[was],
                "new_chat_member": states[blocked],
            },
            ("member", person.id),
        )

    def _write(
        self,
        person: Person,
        chat: Group | None,
        reply_to: int | None = None,
        thread_id: int | None = None,
        **more: object,
    ) -> Message:
        """A message of a person in a chat; the caller tells the bot of it when it is complete."""
        chat_id = person.id if chat is None else chat.id
        anonymous = False
        if chat is None:
            self._set_blocked(person, blocked=False)
            person.started = True
        else:
            member = chat.members.get(person.id)
            if member is None or member.status in ("left", "kicked"):
                raise ValueError(f"{person.first_name} is not in {chat.title}")
            anonymous = member.anonymous
        replied = self.world.find(chat_id, reply_to) if reply_to is not None else None
        if reply_to is not None and replied is None:
            raise LookupError(f"there is no message {reply_to} to reply to")
        message = Message(
            id=self.world.next_message_id(chat_id),
            chat_id=chat_id,
            date=self.now(),
            from_bot=False,
            sender=person,
            anonymous=anonymous,
            reply_to=reply_to,
            thread_id=thread_id if thread_id is not None or replied is None else replied.thread_id,
        )
        for key, value in more.items():
            setattr(message, key, value)
        return self.world.add(message)

    def _service(self, group: Group, person: Person, content: Json) -> None:
        message_id = self.world.next_message_id(group.id)
        message = Message(
            message_id, group.id, self.now(), from_bot=False, sender=person, content=content, service=True
        )
        self.tell_message(self.world.add(message))

    def _tell_member(self, group: Group, by: Person, person: Person, old: Json) -> None:
        if group.bot_status == "administrator":
            new = render.member(self, group, person.id)
            self._tell_change("chat_member", group, by, old, new)

    def _tell_bot_status(self, group: Group, by: Person, before: Status) -> None:
        now, group.bot_status = group.bot_status, before
        old = render.bot_member(self, group)
        group.bot_status = now
        self._tell_change("my_chat_member", group, by, old, render.bot_member(self, group))

    def _tell_change(self, kind: str, group: Group, by: Person, old: Json, new: Json) -> None:
        payload = {
            "chat": render.group_chat(group),
            "from": render.user(by),
            "date": self.now(),
            "old_chat_member": old,
            "new_chat_member": new,
        }
        self.tell(kind, payload, ("member", group.id))
