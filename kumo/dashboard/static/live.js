// Keeps the page current: one small request a second shows what has changed, and only those parts are requested.
import { Refused } from "./api.js";
import { byId, replace } from "./dom.js";
import { measure, show } from "./figures.js";
import { clock } from "./format.js";
import { gates } from "./gates.js";
import { ask as askForKey, current } from "./key.js";

const EVERY_MS = 1_000;
const HIDDEN_MS = 30_000;
const LONGEST_MS = 15_000;
// A slow answer delays the next request, so that many pages do not overload a busy service.
const SHARE = 1;
// Changes that no figure shows: the last answer of a waiting alert, and rows that the retention removed.
const WAITING_MS = 5_000;
const EVERYTHING_MS = 60_000;

/** Poll for ever; `refresh(parts, figures)` requests the named parts. Returns a function that starts again. */
export function run(refresh) {
  const state = { before: null, failures: 0, timer: 0, latest: null, alertsAt: 0, allAt: 0, gates: gates(refresh) };
  const again = (wait) => {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => step(state).then(again), wait);
  };
  document.addEventListener("visibilitychange", () => document.hidden || again(0));
  again(0);
  return () => {
    state.before = null;
    again(0);
  };
}

/** Poll once; returns the pause before the next poll, in ms. */
async function step(state) {
  const begun = performance.now();
  const first = !state.before;
  try {
    const figures = await measure();
    show(figures);
    const changed = news(state, figures, begun);
    await (first ? state.gates.all(figures) : state.gates.pass(changed, figures));
    connected(state);
  } catch (error) {
    return lost(state, error);
  }
  if (document.hidden) return HIDDEN_MS;
  return first ? EVERY_MS : Math.min(LONGEST_MS, Math.max(EVERY_MS, SHARE * (performance.now() - begun)));
}

/** The parts that are out of date according to the figures. */
function news(state, figures, now) {
  const { before } = state;
  const differs = (...names) => !before || names.some((name) => before[name] !== figures[name]);
  const parts = new Set();
  const add = (...names) => names.forEach((name) => parts.add(name));
  if (differs("arrivals", "judged")) add("verdicts", "totals", "groups", "spread");
  if (differs("anomalies", "open", "alerts")) add("anomalies");
  if (differs("alerts", "due", "messages", "on") || (figures.due && now - state.alertsAt > WAITING_MS)) add("alerts");
  if (now - state.allAt > EVERYTHING_MS) {
    add("anomalies", "alerts", "verdicts", "totals", "groups");
    state.allAt = now;
  }
  if (parts.has("alerts")) state.alertsAt = now;
  state.before = figures;
  return parts;
}

function connected(state) {
  state.failures = 0;
  state.latest = new Date();
  byId("lost-notice").hidden = true;
  byId("open-notice").dataset.on = String(!current()); // an answer without a key shows that none is needed
  byId("link").dataset.state = "live";
  replace(byId("link-text"), "live");
}

/** Show the fault and return the pause, longer each time. */
function lost(state, error) {
  state.before = null;
  if (!(error instanceof Refused)) {
    console.error(error); // a fault of the page itself; polling continues
    return LONGEST_MS;
  }
  byId("link").dataset.state = "lost";
  if (error.status === 401 || error.status === 403) {
    replace(byId("link-text"), "key needed");
    askForKey(error.message);
    return HIDDEN_MS;
  }
  state.failures += 1;
  replace(byId("link-text"), error.status ? "refused" : "not connected");
  const since = state.latest ? ` The page shows data from ${clock(state.latest)}.` : "";
  replace(byId("lost-notice"), `${error.message}${since} Trying again automatically.`);
  byId("lost-notice").hidden = false;
  return Math.min(LONGEST_MS, Math.max(error.retryAfter * 1000, EVERY_MS * 2 ** (state.failures - 1)));
}
