// Keeping the page current: one small question a second says what has changed, and only that is asked for.
import { Refused } from "./api.js";
import { byId, replace } from "./dom.js";
import { measure, show } from "./figures.js";
import { clock } from "./format.js";
import { ask as askForKey, current } from "./key.js";

const EVERY_MS = 1_000;
const HIDDEN_MS = 30_000;
const LONGEST_MS = 15_000;
// A page takes no more than a fifth of what the service can do for it: a slow answer makes the next question later.
const SHARE = 4;
// Daily totals, and what costs most to ask for, are renewed at most so often while costs stream in.
const TOTALS_MS = 3_000;
// What no figure tells: an alert's last answer while it waits, and what was removed because it is old.
const WAITING_MS = 5_000;
const EVERYTHING_MS = 60_000;

/** Run for ever; `refresh(parts)` asks for "totals", "verdicts", "anomalies" and "alerts", as named. */
export function run(refresh) {
  const state = { before: null, failures: 0, timer: 0, asked: { totals: 0, alerts: 0, all: 0 }, owed: false, latest: null };
  const again = (wait) => {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => step(state, refresh).then(again), wait);
  };
  document.addEventListener("visibilitychange", () => document.hidden || again(0));
  again(0);
  return () => {
    state.before = null;
    again(0);
  };
}

async function step(state, refresh) {
  const begun = performance.now();
  try {
    const figures = await measure();
    show(figures);
    const parts = due(state, figures, begun);
    if (parts.size) await refresh(parts, figures);
    connected(state);
  } catch (error) {
    return lost(state, error);
  }
  return document.hidden ? HIDDEN_MS : Math.max(EVERY_MS, SHARE * (performance.now() - begun));
}

/** What has to be asked for again, by what the figures say. */
export function due(state, figures, now) {
  const { before, asked } = state;
  const parts = new Set();
  const differs = (...names) => !before || names.some((name) => before[name] !== figures[name]);
  if (differs("arrivals", "judged")) {
    parts.add("verdicts");
    state.owed = true;
  }
  if (differs("anomalies", "open", "alerts")) parts.add("anomalies");
  if (differs("alerts", "due", "messages", "on") || (figures.due && now - asked.alerts > WAITING_MS)) parts.add("alerts");
  if (!before || now - asked.all > EVERYTHING_MS) {
    state.owed = true;
    asked.all = now;
  }
  if (state.owed && (!before || now - asked.totals > TOTALS_MS)) ["totals", "anomalies", "verdicts"].forEach((part) => parts.add(part));
  if (parts.has("totals")) [asked.totals, state.owed] = [now, false];
  if (parts.has("alerts")) asked.alerts = now;
  state.before = figures;
  return parts;
}

function connected(state) {
  state.failures = 0;
  state.latest = new Date();
  byId("lost-notice").hidden = true;
  byId("open-notice").dataset.on = String(!current()); // an answer without a key: none is needed
  byId("link").dataset.state = "live";
  replace(byId("link-text"), "live");
}

/** Say what is wrong and how long to wait, longer each time. */
function lost(state, error) {
  if (!(error instanceof Refused)) throw error;
  state.before = null;
  byId("link").dataset.state = "lost";
  if (error.status === 401 || error.status === 403) {
    replace(byId("link-text"), "key needed");
    askForKey(error.message);
    return HIDDEN_MS;
  }
  state.failures += 1;
  replace(byId("link-text"), error.status ? "refused" : "not connected");
  const since = state.latest ? ` What you see is from ${clock(state.latest)}.` : "";
  replace(byId("lost-notice"), `${error.message}${since} Trying again by itself.`);
  byId("lost-notice").hidden = false;
  return Math.min(LONGEST_MS, Math.max(error.retryAfter * 1000, EVERY_MS * 2 ** (state.failures - 1)));
}
