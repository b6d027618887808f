// One message, or one album, as it stands in a chat.

import { copy, toast } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { formatted } from "./format.js";
import { word } from "./words.js";

// Messages of one album stand in one bubble.
export function blocks(messages) {
  const result = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (message.album && last && last[0].album === message.album) last.push(message);
    else result.push([message]);
  }
  return result;
}

// chat: { own(message), act(name, message), press(message, row, column), command(text) }
export function bubble(parts, chat) {
  const [first] = parts;
  if (first.service) return service(first);
  const last = parts.at(-1);
  const own = chat.own(first);
  const worded = parts.find((part) => part.text) ?? first;
  const media = parts.filter((part) => part.photo);
  const body = h(
    "div",
    { class: `bubble${first.protect ? " protected" : ""}` },
    own ? null : h("div", { class: `name name${Math.abs(first.sender ?? 0) % 5}` }, first.name),
    first.forward ? h("div", { class: "forward" }, `${word("forwarded")} `, h("b", {}, first.forward)) : null,
    first.reply ? h("div", { class: "quote" }, h("b", {}, first.reply.name), h("span", {}, first.reply.text || "…")) : null,
    media.length ? h("div", { class: `media media${Math.min(media.length, 3)}` }, media.map(photo)) : null,
    parts.map((part) => [part.document && file(part.document), part.location && place(part.location), part.other && other(part.other)]),
    worded.text ? h("div", { class: "words" }, formatted(worded.text, worded.entities, chat.command)) : null,
    first.reactions.length ? h("div", { class: "reactions" }, first.reactions.join(" ")) : null,
    meta(last, parts.some((part) => part.edited)),
  );
  return h(
    "article",
    { class: `message${own ? " own" : ""}${first.bot ? " bot" : ""}${parts.some((part) => part.buttons.length) ? " pressable" : ""}` },
    h("div", { class: "row" }, body, actions(worded, own, chat)),
    parts.filter((part) => part.buttons.length).map((part) => buttons(part, chat)),
  );
}

function meta(message, edited) {
  const sign = (name, title) => h("span", { class: "sign", role: "img", title, "aria-label": title }, icon(name));
  return h(
    "div",
    { class: "meta" },
    message.protect ? sign("lock", word("protected")) : null,
    message.topic ? h("span", {}, message.topic) : null,
    message.silent ? sign("silent", word("silent")) : null,
    edited ? h("span", {}, word("edited")) : null,
    // By the bot's zone, not the browser's: cards tell the time by it too.
    h("time", { datetime: new Date(message.date * 1000).toISOString() }, message.time),
  );
}

function actions(message, own, chat) {
  const act = (name) => h("button", { type: "button", class: "act", title: word(name), "aria-label": word(name), onclick: () => chat.act(name, message) }, icon(name));
  return h("div", { class: "actions" }, act("reply"), own && message.text ? act("edit") : null, own ? act("remove") : null);
}

function photo(part) {
  const picture = h("img", { src: `/sandbox/file/${part.photo.small}`, alt: word("photo"), width: part.photo.width, height: part.photo.height });
  if (!part.spoiler) return h("div", { class: "photo" }, picture);
  const cover = h("button", { type: "button", class: "photo covered", title: word("spoiler"), "aria-label": word("spoiler") }, picture);
  cover.addEventListener("click", () => cover.classList.toggle("covered"));
  return cover;
}

function file(shown) {
  const size = shown.size < 1024 ? `${shown.size} B` : shown.size < 1048576 ? `${(shown.size / 1024).toFixed(1)} KB` : `${(shown.size / 1048576).toFixed(1)} MB`;
  return h(
    "a",
    { class: "file", href: `/sandbox/file/${shown.file}`, download: shown.name },
    h("span", { class: "disc" }, icon("file")),
    h("span", { class: "file-name" }, h("b", {}, shown.name), h("small", {}, size)),
  );
}

function place(shown) {
  const numbers = `${shown.lat.toFixed(5)}, ${shown.lon.toFixed(5)}`;
  return h(
    "div",
    { class: "place", role: "img", "aria-label": `${word("mapPoint")} ${numbers}` },
    h("div", { class: "map" }, icon("pin")),
    h("div", { class: "place-words" }, shown.title ? h("b", {}, shown.title) : null, shown.address ? h("small", {}, shown.address) : null, h("code", {}, numbers), shown.live ? h("small", {}, word("live")) : null),
  );
}

function other(shown) {
  return h("div", { class: "other" }, [shown.kind.replaceAll("_", " "), shown.emoji, shown.value, shown.name, shown.phone_number, shown.question].filter(Boolean).join(" · "));
}

const SERVICE = {
  new_chat_members: "joined",
  left_chat_member: "left",
  pinned_message: "pinned",
  forum_topic_created: "topicOpened",
  forum_topic_edited: "topicRenamed",
  forum_topic_closed: "topicClosed",
  forum_topic_reopened: "topicReopened",
};

function service(message) {
  const { kind = "", name = "" } = message.other ?? {};
  const key = SERVICE[kind];
  const who = kind.startsWith("forum") || !name ? message.name : name;
  const what = kind.startsWith("forum") ? name : "";
  return h("div", { class: "service" }, [who, key ? word(key) : kind.replaceAll("_", " "), what].filter(Boolean).join(" "));
}

function buttons(message, chat) {
  const kinds = { url: "link", copy_text: "copy" };
  const press = (button, row, column) => {
    if (button.kind === "copy_text") copy(button.value);
    else if (button.kind === "callback_data") chat.press(message, row, column);
    else toast(`${word("notFollowed")} ${button.value}`);
  };
  return h(
    "div",
    { class: "buttons" },
    message.buttons.map((row, r) =>
      h(
        "div",
        { class: "button-row" },
        row.map((button, c) =>
          h("button", { type: "button", title: button.kind === "callback_data" ? null : button.value, onclick: () => press(button, r, c) }, button.text, kinds[button.kind] ? icon(kinds[button.kind]) : null),
        ),
      ),
    ),
  );
}
