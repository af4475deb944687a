// The panel beside the tree: the days of one group or series over the band from usual to limit.
import { get } from "./api.js";
import { chip } from "./anomalies.js";
import { show as draw } from "./band.js";
import { seconds } from "./days.js";
import { byId, el, replace, table } from "./dom.js";
import { day, money, roundMoney, shortDay } from "./format.js";
import { inUtc } from "./frame.js";
import { describeStatus } from "./groups.js";

const MOST = 1_000;

/** Read a group or series and its days in a span. */
export async function read(id, kind, span) {
  const [name, query] = [encodeURIComponent(id), { from: span.first, to: span.last }];
  if (kind === "series") {
    const [row, days] = await Promise.all([get(`/series/${name}`), get(`/series/${name}/periods`, { ...query, order: "asc", limit: MOST })]);
    return { row, days };
  }
  const row = await get(`/groups/${name}`, query);
  return { row, days: row.periods };
}

/** @param {string} title @param {any[]} periods days in order of time */
export function show(title, periods, currency) {
  replace(byId("total-title"), title);
  const body = byId("total-body");
  if (!periods.length) return replace(body, el("p", { class: "hint" }, "No costs in these days."));
  const [chart, details] = build("total-chart", title, periods, currency, body);
  replace(body, facts(periods.at(-1), currency), chart, legend(), details);
  drawPeriods(chart, title, periods, currency);
}

/** Build the place of a chart of days, and the same days as a table, which is open if that of `before` is. */
export function build(id, title, periods, currency, before) {
  const chart = el("div", { class: "chart", id });
  const rows = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `${title} by day as a table` });
  const details = el("details", { class: "table" }, el("summary", {}, "The same as a table"), rows);
  details.addEventListener("toggle", () => details.open && replace(rows, listed(periods, currency)));
  details.open = Boolean(before.querySelector("details")?.open);
  return [chart, details];
}

/** Draw days into a place. */
export function drawPeriods(chart, title, periods, currency) {
  draw(chart, {
    data: columns(periods),
    kinds: periods.map((period) => period.status),
    currency,
    label: label(title, periods, currency),
    time: { tzDate: inUtc },
    written: (at) => shortDay(new Date(at * 1000).toISOString().slice(0, 10)),
    describe: (at) => described(periods[at], currency),
  });
}

/** Columns for the chart: seconds, totals, limits, usual amounts, and these again as a line. */
export function columns(periods) {
  const figures = ["total", "limit", "usual", "usual"].map((name) => periods.map((period) => period[name]));
  return [periods.map((period) => seconds(period.period)), ...figures];
}

/** Tell whether a day is not over. One above its limit is an anomaly already. */
const isRunning = (last) => last.status === "running" || last.period >= new Date().toISOString().slice(0, 10);

function label(title, periods, currency) {
  const flagged = periods.filter((period) => period.status === "anomaly").length;
  const last = periods.at(-1);
  const running = isRunning(last) ? ` ${money(last.total, currency)} so far on ${day(last.period)}, which is not over.` : "";
  return `${title} on ${periods.length} days, ${flagged} of them above usual.${running}`;
}

/** The newest day in words. */
function facts(last, currency) {
  const soFar = isRunning(last) ? " so far" : "";
  const usual = last.usual === null ? "" : ` usual ${roundMoney(last.usual, currency)}`;
  const limit = last.limit === null ? "" : `, limit ${roundMoney(last.limit, currency)}`;
  return el(
    "p",
    { class: "facts" },
    chip(describeStatus(last.status), last.status === "anomaly"),
    el("b", {}, ` ${money(last.total, currency)}${soFar} `),
    `on ${day(last.period)}`,
    el("span", { class: "hint" }, usual && ` ·${usual}${limit}`),
  );
}

function described(period, currency) {
  return [
    el("p", {}, day(period.period), el("b", {}, money(period.total, currency))),
    el("p", { class: period.status === "anomaly" ? "jump" : "" }, describeStatus(period.status)),
    period.usual === null ? null : el("p", {}, "usual", el("b", {}, money(period.usual, currency))),
    period.limit === null ? null : el("p", {}, "limit", el("b", {}, money(period.limit, currency))),
  ];
}

/** The marks of a chart of days. */
export function legend() {
  const row = (kind, text) => el("li", {}, el("i", { class: `point ${kind}`, "aria-hidden": "true" }), text);
  const kinds = ["learning", "normal", "running", "anomaly"];
  return el("ul", { class: "legend" }, row("expected", "from usual to limit"), kinds.map((kind) => row(kind, describeStatus(kind))));
}

function listed(periods, currency) {
  const heads = [{ head: "Day (UTC)" }, { head: "Total", number: true }, { head: "Usual", number: true }, { head: "Limit", number: true }, { head: "State" }];
  const figure = (amount) => (amount === null ? "–" : money(amount, currency));
  const rows = periods.toReversed().map((period) => [day(period.period), figure(period.total), figure(period.usual), figure(period.limit), describeStatus(period.status)]);
  return table("Days, newest first", heads, rows);
}
