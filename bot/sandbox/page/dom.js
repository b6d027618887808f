// Elements from plain data. Texts are always set as text, never parsed: whatever people type stays words.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") element.className = value;
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  clip: "M8 12.5 14.6 6a3.2 3.2 0 0 1 4.6 4.5l-8.3 8.3a5 5 0 0 1-7.1-7.1L11 4.500",
  send: "M4 12 20 4l-4 16-4.500-6.500zM11.500 13.500 20 4",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  silent: "M6 17h12l-1.500-2.500V11a4.500 4.500 0 0 0-9 0v3.500zM10.500 20h3M4 4l16 16",
  reply: "M9 7 4 12l5 5M4 12h9a7 7 0 0 1 7 7",
  edit: "M5 19l1-4L16 5l3 3L9 18z",
  remove: "M5 7h14M9 7V5h6v2M7 7l1 13h8l1-13",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  pin: "M12 21s-7-6.300-7-11a7 7 0 0 1 14 0c0 4.700-7 11-7 11zM12 7.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5",
  close: "M6 6l12 12M18 6 6 18",
  photo: "M4 6h16v12H4zM4 16l5-5 4 4 3-2 4 4M15.500 9.500h.01",
  forward: "M15 7l5 5-5 5M20 12h-9a7 7 0 0 0-7 7",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2",
  block: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M6.500 6.500l11 11",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  copy: "M9 9h10v11H9zM5 15V4h10",
  link: "M14 5h5v5M19 5l-8 8M18 14v5H5V6h5",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// Replaces an element by its newer self; the button that had the focus keeps it.
function replaceFocused(old, fresh) {
  const at = [...old.querySelectorAll("button, a")].indexOf(document.activeElement);
  const focused = old === document.activeElement;
  old.replaceWith(fresh);
  const buttons = fresh.querySelectorAll("button, a");
  if (focused) fresh.focus();
  else if (at >= 0 && buttons.length) buttons[Math.min(at, buttons.length - 1)].focus();
}

// Puts one element into a place. What stands there already is not touched: it would lose its focus and scrolling.
export function only(parent, child) {
  if (parent.firstElementChild !== child || parent.childElementCount !== 1) parent.replaceChildren(child);
}

// Keeps the elements of an unchanged list and replaces those whose data differ, so that focus and scrolling stay.
export function sync(parent, items, key, draw) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const id = String(key(item));
    const print = JSON.stringify(item);
    let element = old.get(id);
    old.delete(id);
    if (!element || element.print !== print) {
      const drawn = draw(item);
      drawn.dataset.key = id;
      drawn.print = print;
      if (element) {
        if (element === place) place = drawn;
        replaceFocused(element, drawn);
      }
      element = drawn;
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const gone of old.values()) gone.remove();
}
