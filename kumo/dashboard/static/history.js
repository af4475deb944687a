// The costs of one series around an anomaly, each as a point with what was expected of it.
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
  // A field that is empty narrows nothing down, so other series may be among them.
  return [...before.reverse(), ...after].filter((cost) => cost.series === anomaly.series);
}

/**
 * What became of a cost: its status, or "withdrawn" where it once opened an anomaly that was taken back.
 * @param {Set<string>} withdrawn entries that opened such anomalies
 */
export const state = (cost, withdrawn) => (withdrawn.has(cost.id) && cost.status !== "anomaly" ? "withdrawn" : cost.status);

/** Columns for a chart: seconds, amounts, the mean before each cost, and how far the expected band reaches. */
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
