// Speaks with the sandbox's server.

import { toast } from "./dialogs.js";

async function post(path, body, headers) {
  const answer = await fetch(path, { method: "POST", body, headers: { "X-Sandbox": "1", ...headers } });
  if (!answer.ok) {
    toast(await answer.text(), true);
    return null;
  }
  return answer.json();
}

export function order(what, fields) {
  return post("/sandbox/act", JSON.stringify({ what, ...fields }), { "Content-Type": "application/json" });
}

export function upload(files, fields) {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) if (value !== null && value !== undefined) form.append(key, value);
  for (const file of files) form.append("file", file);
  return post("/sandbox/upload", form, {});
}

export function watch(draw, offline) {
  let wanted = -1;
  let asking = false;
  async function ask() {
    if (asking) return;
    asking = true;
    try {
      let state;
      do {
        state = await (await fetch("/sandbox/state")).json();
        draw(state);
        // Nobody tells when typing ends: it lasts five seconds.
        if (Object.values(state.chats).some((chat) => chat.typing)) setTimeout(ask, 5200);
      } while (state.version < wanted);
    } catch (error) {
      console.error(error);
    } finally {
      asking = false;
    }
  }
  const events = new EventSource("/sandbox/events");
  events.onmessage = (event) => {
    wanted = Number(event.data);
    ask();
  };
  events.onopen = () => {
    wanted = -1;
    offline(false);
  };
  events.onerror = () => offline(true);
}
