// Uploads a bill and shows the progress of its import.
import { ask as request, get } from "./api.js";
import { byId, el, replace } from "./dom.js";
import { count } from "./format.js";
import { ask as askForKey } from "./key.js";

const EVERY_MS = 500;
const OVER = ["done", "failed", "forgotten"];
const PARTS = ["added", "removed", "changed", "unchanged"];

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
    const body = new FormData(form);
    if (!body.get("currency")) body.delete("currency");
    const answer = await request("/imports/", { method: "POST", body });
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
  while (!OVER.includes(now.status)) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    now = await get(place ?? `/imports/${encodeURIComponent(now.id)}`);
    show(now);
  }
}

function show(now) {
  const bar = el("progress", { "aria-label": "Progress of the import", max: 1, value: share(now) });
  const counts = [`${count(now.rows)} rows`, ...PARTS.map((name) => `${count(now[name].entries)} ${name}`)];
  const words = now.same_as ? `same as import ${now.same_as}, nothing to do` : `${now.status} (${counts.join(", ")})`;
  const wrong = now.error && el("p", { class: "fault" }, place(now.error), now.error.detail);
  const late = now.delay && !OVER.includes(now.status) && el("p", {}, `Delayed, will be tried again: ${now.delay.detail}.`);
  replace(byId("upload-answer"), bar, el("p", {}, `${now.name}: ${words}`), late, wrong);
}

// The share that is done, or null if unknown.
function share({ state, progress }) {
  if (OVER.includes(state)) return 1;
  return progress?.total ? progress.done / progress.total : null;
}

function place({ row, column }) {
  const parts = [row && `row ${row}`, column && `column ${column}`].filter(Boolean);
  return parts.length ? `${parts.join(", ")}: ` : "";
}
