// The page: who is there, which chats are open, and the language.

import { alertDialog, askCitizen, askGroup, askOfficer, toast } from "./dialogs.js";
import { Desk } from "./desk.js";
import { h } from "./dom.js";
import { Phone } from "./phone.js";
import { order, watch } from "./server.js";
import { LANGUAGES, language, setLanguage, word } from "./words.js";

const phone = new Phone();
const desk = new Desk();
let state = null;
let seenAnswers = null;

function draw(fresh) {
  state = fresh;
  phone.draw(state);
  desk.draw(state);
  tellAnswers();
}

// The bot's answer to a press is shown once, to whoever looks.
function tellAnswers() {
  const known = seenAnswers;
  seenAnswers = new Set(state.answers.map((answer) => answer.id));
  if (!known) return;
  for (const answer of state.answers) {
    if (known.has(answer.id)) continue;
    if (answer.alert && !document.getElementById("dialog").open) alertDialog(answer.text);
    else toast(answer.text);
  }
}

function speak() {
  document.documentElement.lang = language;
  document.getElementById("languages").setAttribute("aria-label", word("language"));
  document.getElementById("languages").replaceChildren(
    ...Object.entries(LANGUAGES).map(([code, name]) =>
      h("button", { type: "button", lang: code, "aria-pressed": String(code === language), onclick: () => { setLanguage(code); speak(); } }, name),
    ),
  );
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const side of document.querySelectorAll(".side")) side.setAttribute("aria-label", word(side.id));
  phone.speak();
  desk.speak();
  if (state) draw(state);
}

document.getElementById("add-citizen").addEventListener("click", () =>
  askCitizen(language, async (answers) => {
    const added = await order("add_citizen", answers);
    if (added) phone.choose(added.person);
  }),
);

document.getElementById("add-officer").addEventListener("click", () => {
  if (desk.group === null) return toast(word("noDesk"), true);
  askOfficer(async (answers) => {
    const added = await order("add_officer", { ...answers, chat: desk.group });
    if (added) desk.chooseOfficer(added.person);
  });
});

document.getElementById("add-group").addEventListener("click", () =>
  askGroup(async (answers) => {
    const added = await order("add_group", answers);
    if (added) desk.chooseGroup(added.group);
  }),
);

// On a narrow window one side is shown at a time.
for (const button of document.querySelectorAll(".sides button")) {
  button.addEventListener("click", () => {
    document.body.dataset.side = button.dataset.side;
    for (const other of document.querySelectorAll(".sides button")) other.setAttribute("aria-pressed", String(other === button));
  });
}

document.body.dataset.side = "citizens";
speak();
watch(draw, (off) => { document.getElementById("offline").hidden = !off; });
