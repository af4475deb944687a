// The panel "Why": the costs or days of one anomaly, the expected range, and the verdict in words.
import { get } from "./api.js";
import { chip, describeReason, describeState, name } from "./anomalies.js";
import { show as draw } from "./band.js";
import { byId, el, replace, table } from "./dom.js";
import { shifted } from "./days.js";
import { change, count, day, moment, money, place, time } from "./format.js";
import { around, columns, state } from "./history.js";
import * as periods from "./periods.js";

const DAYS_BEFORE = 45;
const DAYS_AFTER = 15;

let latest = 0;
let shown = { from: "", how: invite };

/**
 * Show an anomaly by its id, or a hint to choose one.
 * @param {any[]} others known anomalies; some are withdrawn
 */
export async function show(id, others, alerts) {
  const turn = ++latest;
  byId("detail-close").hidden = !id;
  if (!id) return renew("", invite);
  const anomaly = others.find((row) => row.id === id) ?? (await get(`/anomalies/${encodeURIComponent(id)}`));
  const about = alerts.filter((row) => row.anomaly === id);
  if (!anomaly.opened_by) {
    const days = await readDays(anomaly);
    if (turn === latest) renew(JSON.stringify([anomaly, days, about]), () => renderDays(anomaly, days, about));
    return;
  }
  const [costs, opener] = await Promise.all([around(anomaly), get(`/costs/${encodeURIComponent(anomaly.opened_by)}`).catch(() => null)]);
  if (turn !== latest) return; // the reader has chosen another meanwhile
  const withdrawn = new Set(others.filter((row) => row.status === "withdrawn").map((row) => row.opened_by));
  if (anomaly.status === "withdrawn") withdrawn.add(anomaly.opened_by);
  const from = JSON.stringify([anomaly, costs, opener, [...withdrawn], about]);
  renew(from, () => render(anomaly, costs, opener, withdrawn, about));
}

/** Read the days around an anomaly that totals opened. */
async function readDays(anomaly) {
  const span = { first: shifted(anomaly.first_period, -DAYS_BEFORE), last: shifted(anomaly.last_period, DAYS_AFTER) };
  return (await periods.read(anomaly.group_id ?? anomaly.series, anomaly.group_id ? "group" : "series", span)).days;
}

/** Draw the shown anomaly again. */
export const redraw = () => shown.how();

/** Draw if the data has changed. */
function renew(from, how) {
  if (shown.from !== from) how();
  shown = { from, how };
}

function invite() {
  replace(byId("detail-title"), "Why");
  replace(byId("detail-body"), el("p", { class: "hint" }, "Choose an anomaly to see its series and the expected range."));
}

function renderDays(anomaly, days, alerts) {
  replace(byId("detail-title"), name(anomaly));
  const [chart, details] = periods.build("band-chart", name(anomaly), days, anomaly.currency, byId("detail-body"));
  replace(byId("detail-body"), facts(anomaly), explain(anomaly, days), chart, periods.legend(), details, listAlerts(anomaly, alerts));
  periods.drawPeriods(chart, name(anomaly), days, anomaly.currency);
}

/** The day that is furthest above the usual, in words. */
function explain(anomaly, days) {
  const isNew = anomaly.cause === "first_spend";
  const within = days.filter((one) => (isNew || one.status === "anomaly") && one.period >= anomaly.first_period && one.period <= anomaly.last_period);
  const above = (one) => one.total - (one.usual ?? 0);
  const peak = within.toSorted((one, other) => above(other) - above(one))[0];
  if (!peak) return el("p", { class: "reason" }, "No day of it is above its limit any more.");
  const written = (amount) => money(amount, anomaly.currency);
  const amount = `${written(peak.total)} on ${day(peak.period)}`;
  if (isNew) return el("p", { class: "reason" }, `${amount}: new, or new again after a long silence.`);
  return el("p", { class: "reason" }, peak.usual === null ? `${amount}.` : `${amount}, where ${written(peak.usual)} is usual and ${written(peak.limit)} the limit.`);
}

function render(anomaly, costs, opener, withdrawn, alerts) {
  replace(byId("detail-title"), name(anomaly));
  const chart = el("div", { class: "chart", id: "band-chart" });
  const rows = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Costs of the series as a table" });
  const details = el("details", { class: "table" }, el("summary", {}, "The same as a table"), rows);
  const open = byId("detail-body").querySelector("details")?.open;
  replace(byId("detail-body"), facts(anomaly), words(opener), chart, legend(), details, listAlerts(anomaly, alerts));
  details.addEventListener("toggle", () => details.open && replace(rows, points(costs, withdrawn)));
  details.open = Boolean(open);
  drawCosts(chart, costs, withdrawn, anomaly.currency);
}

function drawCosts(chart, costs, withdrawn, currency) {
  const kinds = costs.map((cost) => state(cost, withdrawn));
  const flagged = kinds.filter((kind) => kind === "anomaly").length;
  draw(chart, {
    data: columns(costs),
    kinds,
    currency,
    label: `${costs.length} costs of the series over time, ${flagged} of them judged an anomaly.`,
    written: (at, step) => moment(at * 1000, step * 1000),
    describe: (at) => described(costs[at], kinds[at]),
  });
}

function described(cost, kind) {
  return [
    el("p", {}, time(cost.timestamp), el("b", {}, money(cost.amount, cost.currency))),
    el("p", { class: kind === "anomaly" ? "jump" : "" }, kind),
    el("p", { class: "words" }, cost.reason ?? "Not judged yet."),
  ];
}

function facts(anomaly) {
  return el(
    "p",
    { class: "facts" },
    chip(anomaly.status, anomaly.status === "open"),
    el("b", {}, ` ${change(anomaly.impact, anomaly.currency)} `),
    `over ${extent(anomaly)}, since `,
    anomaly.opened_by ? time(anomaly.first_seen) : day(anomaly.first_period),
    el("span", { class: "hint" }, place(anomaly) ? ` · ${place(anomaly)}` : ""),
  );
}

const extent = ({ opened_by, entries, periods: days }) => (opened_by ? counted(entries, "cost") : counted(days, "day"));
const counted = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

const words = (opener) => el("p", { class: "reason" }, opener ? (opener.reason ?? "Not judged again yet.") : "The cost that opened it is no longer stored.");

function legend() {
  const row = (kind, text) => el("li", {}, el("i", { class: `point ${kind}`, "aria-hidden": "true" }), text);
  const kinds = ["learning", "normal", "anomaly", "withdrawn", "pending"];
  return el("ul", { class: "legend" }, row("expected", "expected: mean ± threshold × σ"), kinds.map((kind) => row(kind, kind)));
}

function points(costs, withdrawn) {
  const heads = [{ head: "When" }, { head: "Amount", number: true }, { head: "Mean", number: true }, { head: "Verdict" }, { head: "In words" }];
  const rows = costs.toReversed().map((cost) => [
    time(cost.timestamp),
    money(cost.amount, cost.currency),
    cost.mean === null ? "–" : money(cost.mean, cost.currency),
    state(cost, withdrawn),
    el("span", { class: "words" }, cost.reason ?? "–"),
  ]);
  return table("Costs of the series, newest first", heads, rows);
}

function listAlerts(anomaly, alerts) {
  const rows = alerts.map((row) => el("li", {}, chip(describeState(row.state)), ` ${row.kind}, `, time(row.sent_at ?? row.created_at), row.last_answer ? `: ${row.last_answer}` : ""));
  return rows.length ? el("ul", { class: "alerts", "aria-label": "Alerts about it" }, rows) : el("p", { class: "hint" }, `None of the newest alerts is about it${anomaly.not_sent ? `: ${describeReason(anomaly)}` : ""}.`);
}
