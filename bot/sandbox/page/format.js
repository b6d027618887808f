// A text with its entities as elements. Links are shown, never followed.

import { h } from "./dom.js";
import { toast } from "./dialogs.js";
import { word } from "./words.js";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre" };
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

export function formatted(text, entities, onCommand) {
  return pieces(text, 0, text.length, entities, onCommand);
}

function pieces(text, from, to, entities, onCommand) {
  const nodes = [];
  let at = from;
  let rest = entities.filter((entity) => entity.offset >= from && entity.offset < to);
  while (rest.length) {
    const [entity, ...others] = rest;
    const end = Math.min(to, entity.offset + entity.length);
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    const inside = others.filter((other) => other.offset < end);
    nodes.push(element(entity, text.slice(entity.offset, end), pieces(text, entity.offset, end, inside, onCommand), onCommand));
    at = end;
    // A block ends its line by itself.
    if (BLOCKS.has(entity.type) && text[at] === "\n") at += 1;
    rest = others.filter((other) => other.offset >= end);
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function element(entity, covered, children, onCommand) {
  if (entity.type in TAGS) return h(TAGS[entity.type], {}, children);
  switch (entity.type) {
    case "spoiler":
      return spoiler(children);
    case "blockquote":
      return h("blockquote", {}, children);
    case "expandable_blockquote":
      return expandable(children);
    case "bot_command":
      return h("button", { class: "command", type: "button", onclick: () => onCommand(covered) }, children);
    case "custom_emoji":
      return h("span", {}, children);
    default: {
      const target = entity.url ?? covered;
      const show = () => toast(`${word("notFollowed")} ${target}`);
      return h("button", { class: "link", type: "button", title: target, onclick: show }, children);
    }
  }
}

function spoiler(children) {
  const hidden = h("button", { class: "spoiler", type: "button", title: word("spoiler") }, h("span", {}, children));
  hidden.addEventListener("click", () => hidden.classList.toggle("shown"));
  return hidden;
}

function expandable(children) {
  const quote = h("blockquote", { class: "expandable", tabIndex: 0 }, children);
  const toggle = () => quote.classList.toggle("open");
  quote.addEventListener("click", toggle);
  quote.addEventListener("keydown", (event) => event.key === "Enter" && toggle());
  return quote;
}
