// Adds a cost by hand and shows its verdict.
import { post } from "./api.js";
import { chip } from "./anomalies.js";
import { byId, el, replace } from "./dom.js";
import { ask } from "./key.js";

const WAIT_SECONDS = 5;

export function listen(added) {
  const [dialog, form] = [byId("add-dialog"), byId("add-form")];
  for (const id of ["add-open", "add-first"]) byId(id).addEventListener("click", () => dialog.showModal());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form).then(added);
  });
}

/** Read the form as an entry. Empty fields are left out, so that the service uses its defaults. */
export function entry(form) {
  const given = [...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
  const values = Object.fromEntries(given);
  if (values.timestamp) values.timestamp = new Date(values.timestamp).toISOString();
  if (values.currency) values.currency = values.currency.toUpperCase();
  return values;
}

async function send(form) {
  const [button, answer] = [byId("add-send"), byId("add-answer")];
  button.disabled = true;
  replace(answer, el("p", { class: "hint" }, "Waiting for the verdict …"));
  try {
    // Each send has its own key, so that a browser's retry counts nothing twice.
    const headers = { Prefer: `wait=${WAIT_SECONDS}`, "Idempotency-Key": crypto.randomUUID?.() ?? String(performance.timeOrigin + performance.now()) };
    replace(answer, verdict(await post("/ingest/", entry(form), headers)));
  } catch (error) {
    replace(answer, el("p", { class: "fault" }, error.message));
    if (error.status === 401 || error.status === 403) ask(error.message);
  } finally {
    button.disabled = false;
  }
}

const verdict = (cost) =>
  el("p", { class: "verdict" }, chip(cost.status, cost.is_anomaly), " ", cost.reason ?? "Recorded, but not judged yet. The page updates by itself.");
