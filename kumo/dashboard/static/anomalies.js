// The list of anomalies by impact, of series and of groups. Each is a button that opens its costs or days.
import { byId, el, renew, replace, say, table } from "./dom.js";
import { change, count, place, time } from "./format.js";

/** Largest number that is requested; there may be more. */
export const MOST = 200;
const known = new Set();
const STATES = { dead: "not sent", unknown: "unconfirmed", cancelled: "not needed" };
const REASONS = {
  too_old: "too old for an alert",
  below_minimum: "too small for an alert",
  within_budget: "not rare enough for an alert",
  offset: "offset by other costs of the service",
  no_destination: "no destination",
  feedback: "expected, by feedback",
  off: "alerts are off",
};

/** Sort anomalies: withdrawn ones last, the shown currency first (amounts in two currencies cannot be compared), then by impact. */
export function ordered(anomalies, currency) {
  const rank = (row) => [row.status === "withdrawn" ? 1 : 0, row.currency === currency ? 0 : 1, row.currency, -row.impact];
  return anomalies.map((row) => [rank(row), row]).sort(([one], [other]) => compare(one, other)).map(([, row]) => row);
}

function compare(one, other) {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : one[at] < other[at] ? -1 : 1;
}

/** @param {any[]} rows sorted anomalies */
export function show(rows, alerts, chosen, open) {
  const columns = [{ head: "Series" }, { head: "Impact", number: true }, { head: "z or score", number: true }, { head: "State" }, { head: "Since" }, { head: "Team" }];
  const body = rows.map((row) => [
    opener(row, chosen === row.id, open),
    change(row.impact, row.currency),
    row.peak_z.toFixed(1),
    chip(row.status, row.status === "open"),
    time(row.first_seen),
    describeAlert(row, alerts),
  ]);
  renew(byId("anomalies"), rows.length ? table("Anomalies by impact", columns, body) : el("p", { class: "hint" }, "No anomalies in these days."));
  byId("anomalies").querySelectorAll("tbody tr").forEach((line, at) => line.classList.toggle("chosen", rows[at].id === chosen));
  replace(byId("anomalies-hint"), rows.length >= MOST ? `the newest ${MOST}, by impact` : rows.length ? "by impact" : "");
  announce(rows);
}

function opener(row, chosen, open) {
  const button = el("button", { type: "button", class: "plain", "aria-expanded": String(chosen), "aria-controls": "detail", "data-focus": row.id, onclick: () => open(row) }, name(row));
  return el("span", { class: "series" }, button, el("small", {}, row.group_id ? "all of it" : place(row) || " "));
}

/** What an anomaly is about: a service, or a group in words. */
export const name = (row) => (row.group_id ? row.title : row.service);

/** Why an anomaly raised no alert, in words for people; empty if it raised one. */
export const describeReason = (row) => REASONS[row.not_sent] ?? row.not_sent ?? "";

/** The state of an alert in words for people. */
export const describeState = (state) => STATES[state] ?? state;

/** A word in a frame, in the alarm colour if someone must act. */
export const chip = (word, alarm = false) => el("span", { class: alarm ? "chip alarm" : "chip" }, word);

function describeAlert(row, alerts) {
  const latest = alerts.find((alert) => alert.anomaly === row.id);
  if (latest) return describeState(latest.state);
  return row.alerts ? `${count(row.alerts)} alerts` : describeReason(row) || "–";
}

/** Announce new anomalies to screen readers. */
function announce(rows) {
  const fresh = rows.filter((row) => !known.has(row.id));
  if (known.size && fresh.length) say(`${name(fresh[0])} jumped: ${change(fresh[0].impact, fresh[0].currency)}`);
  rows.forEach((row) => known.add(row.id));
}
