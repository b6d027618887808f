// The desk's side: its topics, who writes, and the chat.

import { Chat } from "./chat.js";
import { h, icon, only, sync } from "./dom.js";
import { order } from "./server.js";
import { word } from "./words.js";

const ALL = "all";

export class Desk {
  constructor() {
    this.group = null;
    this.officer = null;
    this.awaited = null;
    this.awaitedGroup = null;
    this.topic = ALL;
    this.state = null;
    this.chat = new Chat([]);
    this.element = document.getElementById("room");
    this.tabs = document.getElementById("desks");
    this.empty = h("p", { class: "empty" });
    this.select = h("select", { onchange: () => this.chooseOfficer(Number(this.select.value)) });
    this.leave = h("button", { type: "button", class: "quiet small", onclick: () => order("leave", { who: this.officer, chat: this.group }) });
    // A group's topics can be turned on and off at any time, in Telegram too.
    this.forum = h("button", { type: "button", class: "chip", onclick: () => order("forum", { chat: this.group }) });
    this.label = h("span", {});
    this.title = h("b", {});
    this.status = h("small", { "aria-live": "polite" });
    this.topics = h("div", { class: "topics", role: "group" });
    this.hint = h("p", { class: "hint about" });
    const officers = h("div", { class: "officers" }, this.forum, h("label", {}, this.label, this.select), this.leave);
    this.chat.element.prepend(h("div", { class: "chat-head" }, h("div", { class: "who" }, this.title, this.status), officers), this.topics);
    this.chat.composer.before(this.hint);
  }

  speak() {
    this.tabs.setAttribute("aria-label", word("desk"));
    this.topics.setAttribute("aria-label", word("topics"));
    this.empty.textContent = word("noDesk");
    this.label.textContent = word("writesAs");
    this.hint.textContent = word("noOfficer");
    this.forum.textContent = word("topics");
    this.leave.replaceChildren(icon("leave"), word("leave"));
    this.chat.speak();
  }

  chooseOfficer(person) {
    // Somebody new is not in the state yet: the next one brings them.
    this.awaited = person;
    this.draw(this.state);
  }

  chooseGroup(group) {
    this.awaitedGroup = group;
    this.draw(this.state);
  }

  draw(state) {
    this.state = state;
    if (state.groups.some((one) => one.id === this.awaitedGroup)) [this.group, this.topic, this.awaitedGroup] = [this.awaitedGroup, ALL, null];
    const group = state.groups.find((one) => one.id === this.group) ?? state.groups[0];
    this.group = group?.id ?? null;
    const tabs = state.groups.length > 1 ? state.groups.map(({ id, title }) => ({ id, title, chosen: id === this.group })) : [];
    sync(this.tabs, tabs, (tab) => tab.id, (tab) =>
      h("button", { type: "button", class: "tab", "aria-pressed": String(tab.chosen), onclick: () => { this.group = tab.id; this.topic = ALL; this.draw(this.state); } }, tab.title),
    );
    only(this.element, group ? this.chat.element : this.empty);
    if (!group) return;
    this.drawOfficers(group);
    this.drawTopics(group);
    const shown = state.chats[group.id];
    this.title.textContent = group.title;
    this.status.textContent = shown.typing ? word("typing") : group.members.map((member) => member.name).join(", ");
    this.chat.show(this.officer, group.id, typeof this.topic === "number" ? this.topic : null);
    const named = new Map(this.topic === ALL ? group.topics.map((topic) => [topic.id, topic.name]) : []);
    const messages = shown.messages.filter((message) => this.inTopic(message));
    this.chat.draw(shown, messages.map((message) => ({ ...message, topic: named.get(message.thread) ?? null })));
  }

  inTopic(message) {
    return this.topic === ALL || (this.topic === null ? message.thread === null : message.thread === this.topic);
  }

  drawOfficers(group) {
    const present = (id) => group.members.some((member) => member.id === id);
    if (present(this.awaited)) [this.officer, this.awaited] = [this.awaited, null];
    if (!present(this.officer)) this.officer = group.members[0]?.id ?? null;
    const members = group.members.map((member) => ({ ...member, chosen: member.id === this.officer }));
    sync(this.select, members, (member) => member.id, (member) =>
      h("option", { value: String(member.id), selected: member.chosen }, member.anonymous ? `${member.name} (${word("anonymous")})` : member.name),
    );
    const nobody = this.officer === null;
    this.select.disabled = this.leave.disabled = nobody;
    this.chat.composer.hidden = nobody;
    this.hint.hidden = !nobody;
  }

  drawTopics(group) {
    this.forum.setAttribute("aria-pressed", String(group.forum));
    this.topics.hidden = !group.forum;
    if (!group.forum) this.topic = ALL;
    const named = [{ id: ALL, name: word("allTopics") }, { id: null, name: word("general") }, ...group.topics];
    const topics = named.map((topic) => ({ ...topic, chosen: topic.id === this.topic }));
    sync(this.topics, topics, (topic) => topic.id, (topic) =>
      h("button", { type: "button", class: "chip", "aria-pressed": String(topic.chosen), onclick: () => { this.topic = topic.id; this.draw(this.state); } }, topic.closed ? `${topic.name} ×` : topic.name),
    );
  }
}
