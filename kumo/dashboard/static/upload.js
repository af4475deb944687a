// Uploading a bill and following how far it is; only where the service can read one.
import { ask as request, get } from "./api.js";
import { byId, el, replace } from "./dom.js";
import { count } from "./format.js";
import { ask as askForKey } from "./key.js";

const EVERY_MS = 500;
const OVER = ["done", "failed"];
const COUNTS = ["rows", "added", "removed", "changed", "unchanged"];

export function listen() {
  byId("upload-form").addEventListener("submit", (event) => {
    event.preventDefault();
    upload(event.target);
  });
  byId("upload-open").addEventListener("click", () => byId("upload-dialog").showModal());
}

async function upload(form) {
  const button = byId("upload-send");
  button.disabled = true;
  try {
    const answer = await request("/imports/", { method: "POST", body: new FormData(form) });
    await follow(answer.headers.get("Location"), await answer.json());
  } catch (error) {
    replace(byId("upload-answer"), el("p", { class: "fault" }, error.message));
    if (error.status === 401 || error.status === 403) askForKey(error.message);
  } finally {
    button.disabled = false;
  }
}

async function follow(place, begun) {
  let now = begun;
  show(now);
  while (!OVER.includes(now.state)) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    now = await get(place ?? `/imports/${encodeURIComponent(now.id)}`);
    show(now);
  }
}

function show(now) {
  const counts = COUNTS.filter((name) => Number.isInteger(now[name])).map((name) => `${count(now[name])} ${name}`);
  const bar = el("progress", { "aria-label": "How far the bill is", max: 1, value: OVER.includes(now.state) ? 1 : null });
  const words = `${now.name}: ${now.state}${counts.length ? ` (${counts.join(", ")})` : ""}`;
  replace(byId("upload-answer"), bar, el("p", {}, words), now.error && el("p", { class: "fault" }, typeof now.error === "string" ? now.error : now.error.detail));
}
