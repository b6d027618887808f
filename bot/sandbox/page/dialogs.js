// Short notices, and the dialogs that ask for more than words.

import { h, icon } from "./dom.js";
import { word } from "./words.js";

export function toast(text, wrong = false) {
  const shown = h("div", { class: wrong ? "toast wrong" : "toast" }, text);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), wrong ? 8000 : 4500);
}

export async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(`${word("copied")}: ${text}`);
}

// Opens the one dialog; `fields` are its contents, `done` gets the form's values unless it is cancelled.
function open(title, fields, confirm, done) {
  const dialog = document.getElementById("dialog");
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "dialog-title" }, title),
    fields,
    h(
      "div",
      { class: "choices" },
      done ? h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, word("cancel")) : null,
      h("button", { type: "submit", class: "strong" }, confirm),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    if (done) done(Object.fromEntries(new FormData(form)));
  });
  dialog.replaceChildren(form);
  dialog.showModal();
  return form;
}

function field(name, label, properties = {}) {
  const { tag = "input", hint, ...rest } = properties;
  return h("label", { class: "field" }, h("span", {}, label), h(tag, { name, autocomplete: "off", ...rest }), hint ? h("small", {}, hint) : null);
}

export function alertDialog(text) {
  open(text, [], word("close"), null);
}

export function askCitizen(language, done) {
  const choices = Object.entries({ kk: "Қазақша", ru: "Русский", en: "English" }).map(([code, name]) =>
    h("label", { class: "choice" }, h("input", { type: "radio", name: "language", value: code, checked: code === language }), name),
  );
  const languages = h("fieldset", {}, h("legend", {}, word("clientLanguage")), choices);
  open(word("addCitizen"), [field("name", word("name"), { hint: word("nameHint"), maxLength: 64 }), languages], word("add"), done);
}

export function askOfficer(done) {
  const anonymous = h("label", { class: "choice" }, h("input", { type: "checkbox", name: "anonymous" }), word("anonymous"));
  open(word("addOfficer"), [field("name", word("name"), { hint: word("nameHint"), maxLength: 64 }), anonymous], word("add"), done);
}

export function askGroup(done) {
  open(word("addGroup"), [field("name", word("groupName"), { hint: word("nameHint"), maxLength: 128 })], word("add"), done);
}

export function askForward(done) {
  open(
    word("forward"),
    [
      field("title", word("channelTitle"), { required: true, value: "Соль Тараз 24/7" }),
      field("username", word("channelName"), { value: "sol_taraz_24" }),
      field("text", word("postText"), { tag: "textarea", rows: 3 }),
    ],
    word("send"),
    done,
  );
}

export function askPayload(username, done) {
  const link = h("p", { class: "hint" }, `t.me/${username}?start=…`);
  open(word("openLink"), [link, field("payload", word("payload"), { pattern: "[A-Za-z0-9_\\-]{0,64}", maxLength: 64 })], word("open"), done);
}

// A sketch of Zhambyl region and what is around: enough to choose a point by hand, and no map from outside.
const SKETCH = { west: 68.6, east: 76.2, north: 46.2, south: 42.2 };
const TOWNS = [
  ["Тараз", 42.9, 71.37],
  ["Шу", 43.6, 73.76],
  ["Қаратау", 43.18, 70.46],
  ["Жаңатас", 43.57, 69.75],
  ["Мойынқұм", 44.29, 72.95],
  ["Қордай", 43.04, 74.71],
  ["Мерке", 42.87, 73.19],
];

export function askLocation(done) {
  const lat = field("lat", word("latitude"), { type: "number", step: "any", min: "-90", max: "90", required: true, value: "42.90000" });
  const lon = field("lon", word("longitude"), { type: "number", step: "any", min: "-180", max: "180", required: true, value: "71.37000" });
  const marker = h("span", { class: "marker" }, icon("pin"));
  const towns = TOWNS.map(([name, north, east]) => at(h("span", { class: "town" }, name), north, east));
  const sketch = h("div", { class: "sketch", "aria-hidden": "true" }, towns, marker);
  const [latInput, lonInput] = [lat, lon].map((label) => label.querySelector("input"));
  const move = () => at(marker, Number(latInput.value), Number(lonInput.value));
  sketch.addEventListener("click", (event) => {
    const box = sketch.getBoundingClientRect();
    lonInput.value = (SKETCH.west + ((event.clientX - box.left) / box.width) * (SKETCH.east - SKETCH.west)).toFixed(5);
    latInput.value = (SKETCH.north - ((event.clientY - box.top) / box.height) * (SKETCH.north - SKETCH.south)).toFixed(5);
    move();
  });
  lat.addEventListener("input", move);
  lon.addEventListener("input", move);
  move();
  open(word("location"), [h("p", { class: "hint" }, word("pickHint")), sketch, h("div", { class: "pair" }, lat, lon)], word("send"), done);
}

function at(element, lat, lon) {
  element.style.left = `${((lon - SKETCH.west) / (SKETCH.east - SKETCH.west)) * 100}%`;
  element.style.top = `${((SKETCH.north - lat) / (SKETCH.north - SKETCH.south)) * 100}%`;
  return element;
}
