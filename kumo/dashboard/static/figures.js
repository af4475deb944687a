// The live numbers, from the service's Prometheus metrics.
import { text } from "./api.js";
import { byId, replace } from "./dom.js";
import { count } from "./format.js";

const NAMES = {
  arrivals: "kumo_arrivals_total",
  judged: "kumo_judged_total",
  pending: "kumo_pending",
  due: "kumo_alerts_due",
  anomalies: "kumo_anomalies",
  open: "kumo_anomalies_open",
  alerts: "kumo_alerts",
  messages: "kumo_messages_total",
  on: "kumo_destination_on",
};

// Only these names: computing all figures each second would take the service longer.
const ASKED = new URLSearchParams(Object.values(NAMES).map((name) => ["name[]", name]));

/** @returns {Promise<Record<string, number>>} */
export async function measure() {
  return parse(await text(`/metrics?${ASKED}`));
}

/** Parse the lines "name value"; these figures have no labels. */
export function parse(lines) {
  const found = new Map(lines.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => line.split(" ")));
  return Object.fromEntries(Object.entries(NAMES).map(([name, theirs]) => [name, Number(found.get(theirs) ?? 0)]));
}

export function show(figures) {
  for (const place of byId("counts").querySelectorAll("[data-count]")) {
    replace(place, count(figures[place.dataset.count]));
  }
}
