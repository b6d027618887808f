// The citizens' side: a tab for each, and the phone of the chosen one.

import { Chat } from "./chat.js";
import { askForward, askLocation, askPayload } from "./dialogs.js";
import { h, icon, only, sync } from "./dom.js";
import { order } from "./server.js";
import { word } from "./words.js";

export class Phone {
  constructor() {
    this.chosen = null;
    this.awaited = null;
    this.read = new Map();
    this.state = null;
    const me = () => ({ who: this.chosen });
    this.chat = new Chat([
      ["pin", "location", () => askLocation((answers) => order("location", { ...me(), ...answers }))],
      ["forward", "forward", () => askForward((answers) => order("forward", { ...me(), ...answers }))],
      ["qr", "openLink", () => this.openLink()],
    ]);
    this.element = document.getElementById("phone");
    this.tabs = document.getElementById("people");
    this.empty = h("p", { class: "empty" });
    this.title = h("b", {});
    this.status = h("small", { "aria-live": "polite" });
    this.blockButton = h("button", { type: "button", class: "quiet small", onclick: () => order(this.person().blocked ? "unblock" : "block", me()) });
    this.header = h("div", { class: "chat-head" }, h("span", { class: "face", "aria-hidden": "true" }, "S"), h("div", { class: "who" }, this.title, this.status), this.blockButton);
    this.about = h("div", { class: "about" });
    this.commands = h("div", { class: "commands", role: "group" });
    this.chat.element.prepend(this.header);
    this.chat.log.after(this.about);
    this.chat.composer.before(this.commands);
  }

  speak() {
    this.tabs.setAttribute("aria-label", word("citizens"));
    this.commands.setAttribute("aria-label", word("commands"));
    this.empty.textContent = word("noCitizen");
    this.chat.speak();
  }

  choose(person) {
    this.chosen = person;
    // Somebody new is not in the state yet: the next one brings them.
    if (!this.person()) this.awaited = person;
    else this.draw(this.state);
    this.focus();
  }

  openLink() {
    askPayload(this.state.bot.username, (answers) => order("open", { who: this.chosen, ...answers }));
  }

  focus() {
    (this.chat.composer.hidden ? this.about.querySelector("button") : this.chat.field)?.focus();
  }

  person() {
    return this.state?.people.find((person) => person.id === this.chosen);
  }

  draw(state) {
    this.state = state;
    const citizens = state.people.filter((person) => person.citizen);
    const arrived = citizens.some((person) => person.id === this.awaited);
    if (!this.person() && (this.chosen === null || this.chosen !== this.awaited)) this.chosen = citizens[0]?.id ?? null;
    this.drawTabs(citizens);
    const person = this.person();
    only(this.element, person ? this.chat.element : this.empty);
    if (!person) return;
    const shown = state.chats[person.id];
    this.chat.show(person.id, person.id);
    this.title.textContent = state.bot.name;
    this.status.textContent = shown.typing ? word("typing") : `${word("bot")} · @${state.bot.username}`;
    this.blockButton.textContent = word(person.blocked ? "unblock" : "block");
    this.drawAbout(person, shown);
    this.drawCommands(person);
    this.chat.draw(person.blocked ? { ...shown, keyboard: null } : shown, shown.messages);
    if (arrived) {
      this.awaited = null;
      this.focus();
    }
  }

  // An empty chat shows what the bot says about itself, and Start.
  drawAbout(person, shown) {
    const fresh = !shown.messages.length;
    this.about.hidden = !fresh && !person.blocked;
    this.chat.composer.hidden = fresh || person.blocked;
    const words = this.state.bot.descriptions;
    const start = h("button", { type: "button", class: "strong wide", onclick: () => order("open", { who: person.id }) }, word("start"));
    const link = h("button", { type: "button", class: "quiet", onclick: () => this.openLink() }, icon("qr"), word("openLink"));
    const back = h("button", { type: "button", class: "strong wide", onclick: () => order("unblock", { who: person.id }) }, word("unblock"));
    const print = JSON.stringify([person, fresh, words, word("start")]);
    if (this.about.print === print) return;
    this.about.print = print;
    this.about.replaceChildren(
      ...(person.blocked ? [h("p", {}, word("blocked")), back] : [h("p", {}, words[person.language] ?? words[""] ?? ""), start, link]),
    );
  }

  drawCommands(person) {
    const print = JSON.stringify([person.commands, this.chat.composer.hidden]);
    if (this.commands.print === print) return;
    this.commands.print = print;
    this.commands.hidden = !person.commands.length || this.chat.composer.hidden;
    this.commands.replaceChildren(
      ...person.commands.map(({ command, description }) =>
        h("button", { type: "button", class: "chip", title: description, onclick: () => order("text", { who: this.chosen, text: `/${command}` }) }, `/${command}`),
      ),
    );
  }

  drawTabs(citizens) {
    const newest = (person) => this.state.chats[person.id].messages.at(-1)?.id ?? 0;
    if (this.chosen !== null) this.read.set(this.chosen, newest({ id: this.chosen }));
    const tabs = citizens.map((person) => ({
      id: person.id,
      name: person.name,
      language: person.language,
      chosen: person.id === this.chosen,
      unread: newest(person) > (this.read.get(person.id) ?? 0),
    }));
    sync(this.tabs, tabs, (tab) => tab.id, (tab) =>
      h("button", { type: "button", class: tab.unread ? "tab unread" : "tab", "aria-pressed": String(tab.chosen), onclick: () => this.choose(tab.id) }, tab.name, h("small", {}, tab.language)),
    );
  }
}
