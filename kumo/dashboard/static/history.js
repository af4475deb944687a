// The costs of one series around an anomaly, each with its expected range.
import { get } from "./api.js";
import { FIELDS } from "./view.js";

const BEFORE = 300;
const AFTER = 100;
const SECOND_MS = 1_000;

/** Read the costs of a series around a time, oldest first. */
export async function around(anomaly) {
  const series = Object.fromEntries([...FIELDS, "currency"].map((name) => [name, anomaly[name]]));
  const turn = new Date(Date.parse(anomaly.last_seen) + SECOND_MS).toISOString();
  const [before, after] = await Promise.all([
    get("/costs/", { ...series, to: turn, limit: BEFORE }),
    get("/costs/", { ...series, from: turn, order: "asc", limit: AFTER }),
  ]);
  // An empty field is no filter, so the answer may contain other series.
  return [...before.reverse(), ...after].filter((cost) => cost.series === anomaly.series);
}

/**
 * The state of a cost: its status, or "withdrawn" if it opened an anomaly that was withdrawn.
 * @param {Set<string>} withdrawn entries that opened such anomalies
 */
export const state = (cost, withdrawn) => (withdrawn.has(cost.id) && cost.status !== "anomaly" ? "withdrawn" : cost.status);

/** Columns for a chart: seconds, amounts, the mean before each cost, and the limits of the expected band. */
export function columns(costs) {
  const edge = (sign) => (cost) => (cost.z === null ? null : cost.mean + sign * cost.threshold * cost.stddev);
  return [
    costs.map((cost) => Date.parse(cost.timestamp) / 1000),
    costs.map((cost) => cost.amount),
    costs.map(edge(1)),
    costs.map(edge(-1)),
    costs.map((cost) => (cost.z === null ? null : cost.mean)),
  ];
}
