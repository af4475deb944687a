// Adding a cost by hand, and showing what the judge says of it.
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

/** The form as an entry: what is empty is left out, so that the service's own default holds. */
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
  replace(answer, el("p", { class: "hint" }, "Recorded and judged in a moment …"));
  try {
    // Under a key of its own, so that a second click on a slow line counts nothing twice.
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
  el("p", { class: "verdict" }, chip(cost.status, cost.is_anomaly), " ", cost.reason ?? "Recorded; no judge has come to it yet. It shows up by itself.");
