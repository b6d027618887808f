// A chat: its messages, the field to write in, the reply keyboard, and the paper clip's menu.

import { blocks, bubble } from "./bubble.js";
import { h, icon, sync } from "./dom.js";
import { toast } from "./dialogs.js";
import { order, upload } from "./server.js";
import { word } from "./words.js";

export class Chat {
  // extras: the paper clip's menu beside photos and files, as [icon, word, function]
  constructor(extras) {
    this.extras = extras;
    this.who = null;
    this.chat = null;
    this.thread = null;
    this.replyTo = null;
    this.editing = null;
    this.drafts = new Map();
    this.build();
  }

  build() {
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", tabIndex: 0 });
    this.low = true;
    this.top = 0;
    this.log.addEventListener("scroll", () => this.scrolled());
    this.log.addEventListener("load", () => this.follow(), true);
    new ResizeObserver(() => this.follow()).observe(this.log);
    this.field = h("textarea", { rows: 1, maxLength: 4096, dir: "auto" });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => this.grow());
    this.context = h("div", { class: "context", hidden: true });
    this.photoInput = this.fileInput("photo", "image/*");
    this.documentInput = this.fileInput("document", "");
    this.clip = h("button", { type: "button", class: "round", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.toggleMenu() }, icon("clip"));
    this.menu = h("div", { class: "menu", role: "menu", hidden: true });
    this.menu.addEventListener("keydown", (event) => this.walkMenu(event));
    this.menu.addEventListener("focusout", (event) => this.menu.contains(event.relatedTarget) || event.relatedTarget === this.clip || this.closeMenu());
    this.sendButton = h("button", { type: "button", class: "round strong", onclick: () => this.send() }, icon("send"));
    this.composer = h("div", { class: "composer" }, this.clip, this.menu, this.field, this.sendButton, this.photoInput, this.documentInput);
    this.keyboard = h("div", { class: "keyboard", role: "group", hidden: true });
    this.element = h("div", { class: "chat" }, this.log, this.context, this.composer, this.keyboard);
    this.speak();
  }

  // Sets the words of the chosen language.
  speak() {
    this.log.setAttribute("aria-label", word("log"));
    this.field.placeholder = word("message");
    this.field.setAttribute("aria-label", word("message"));
    this.keyboard.setAttribute("aria-label", word("keyboard"));
    for (const [button, key] of [[this.clip, "attach"], [this.sendButton, "send"]]) {
      button.title = word(key);
      button.setAttribute("aria-label", word(key));
    }
    const items = [["photo", "photos", () => this.photoInput.click()], ["file", "files", () => this.documentInput.click()], ...this.extras];
    this.menu.replaceChildren(
      ...items.map(([name, key, act]) =>
        h("button", { type: "button", role: "menuitem", onclick: () => { this.closeMenu(); act(); } }, icon(name), word(key)),
      ),
    );
    this.log.replaceChildren();
  }

  fileInput(as, accept) {
    const input = h("input", { type: "file", multiple: true, hidden: true, accept, data: { as } });
    input.addEventListener("change", () => {
      if (input.files.length > 10) toast(word("tooMany"), true);
      else if (input.files.length) {
        upload(input.files, { ...this.where(), ...this.under(), as, caption: this.field.value.trim() });
        this.clear();
      }
      input.value = "";
    });
    return input;
  }

  where() {
    return { who: this.who, chat: this.chat };
  }

  // Where in the chat: as a reply, or in the topic that is open.
  under() {
    return { reply_to: this.replyTo?.id ?? null, thread: this.replyTo ? null : this.thread };
  }

  // Shows another chat, or the same as another person; what was being typed is kept for each.
  show(who, chat, thread = null) {
    if (this.chat === chat && this.thread === thread) {
      this.who = who;
      return;
    }
    this.drafts.set(this.chat, this.field.value);
    [this.who, this.chat, this.thread] = [who, chat, thread];
    this.log.replaceChildren();
    this.low = true;
    this.clear();
    this.field.value = this.drafts.get(chat) ?? "";
    this.grow();
  }

  draw(shown, messages) {
    const chat = {
      own: (message) => message.sender !== null && message.sender === this.who,
      act: (name, message) => this.act(name, message),
      press: (message, row, column) => order("press", { ...this.where(), message: message.id, row, column }),
      command: (text) => order("text", { ...this.where(), text, thread: this.thread }),
    };
    const parts = blocks(messages).map((block) => [this.who, block]);
    sync(this.log, parts, ([, block]) => block[0].id, ([, block]) => bubble(block, chat));
    this.follow();
    this.field.placeholder = shown.placeholder ?? word("message");
    this.drawKeyboard(shown.keyboard);
    if (this.replyTo && !messages.some((message) => message.id === this.replyTo.id)) this.setContext(null, null);
  }

  drawKeyboard(rows) {
    const print = JSON.stringify(rows);
    if (this.keyboard.print === print) return;
    const focused = this.keyboard.contains(document.activeElement);
    this.keyboard.print = print;
    this.keyboard.hidden = !rows;
    this.keyboard.replaceChildren(
      ...(rows ?? []).map((row) =>
        h("div", { class: "key-row" }, row.map((label) => h("button", { type: "button", onclick: () => order("key", { ...this.where(), label }) }, label))),
      ),
    );
    if (focused) (this.keyboard.querySelector("button") ?? this.field).focus();
  }

  // Only a move upwards is somebody's wish to read older messages: what grows below moves nothing.
  scrolled() {
    const low = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    if (low || this.log.scrollTop < this.top) this.low = low;
    this.top = this.log.scrollTop;
  }

  // Stays at the newest message, unless somebody scrolled up to read.
  follow() {
    if (this.low) this.log.scrollTop = this.log.scrollHeight;
  }

  act(name, message) {
    if (name === "remove") order("delete", { ...this.where(), message: message.id });
    else this.setContext(name === "reply" ? message : null, name === "edit" ? message : null);
  }

  setContext(replyTo, editing) {
    [this.replyTo, this.editing] = [replyTo, editing];
    const about = replyTo ?? editing;
    this.context.hidden = !about;
    if (!about) return;
    const title = replyTo ? `${word("replyingTo")} ${replyTo.name}` : word("editing");
    const stop = h("button", { type: "button", class: "act", "aria-label": word("cancel"), title: word("cancel"), onclick: () => this.clear() }, icon("close"));
    this.context.replaceChildren(h("div", { class: "quote" }, h("b", {}, title), h("span", {}, about.text || "…")), stop);
    if (editing) this.field.value = editing.text;
    this.grow();
    this.field.focus();
  }

  clear() {
    this.field.value = "";
    this.setContext(null, null);
    this.grow();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 140)}px`;
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") this.clear();
  }

  send() {
    const text = this.field.value.trim();
    if (!text || this.who === null) return;
    if (this.editing) order("edit", { ...this.where(), message: this.editing.id, text });
    else order("text", { ...this.where(), ...this.under(), text });
    this.clear();
    this.field.focus();
    this.low = true;
    this.follow();
  }

  toggleMenu() {
    if (!this.menu.hidden) return this.closeMenu();
    this.menu.hidden = false;
    this.clip.setAttribute("aria-expanded", "true");
    this.menu.firstElementChild.focus();
  }

  closeMenu() {
    this.menu.hidden = true;
    this.clip.setAttribute("aria-expanded", "false");
  }

  walkMenu(event) {
    const items = [...this.menu.children];
    const at = items.indexOf(document.activeElement);
    if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
    else if (event.key === "Escape") {
      this.closeMenu();
      this.clip.focus();
    } else return;
    event.preventDefault();
  }
}
