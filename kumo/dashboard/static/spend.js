// Daily spend: stacked bars by service, account, region or provider, with flags on days with anomalies.
import { name } from "./anomalies.js";
import { day as written, money, roundMoney, shortDay } from "./format.js";
import { byId, el, replace, table } from "./dom.js";
import { DAY_MS, seconds } from "./days.js";
import { axes, bars, draw, inUtc, mark } from "./frame.js";
import { colour, partColour } from "./theme.js";
import { piled, sums, touched } from "./totals.js";

const HALF_DAY = DAY_MS / 2000; // in seconds
const FLAG = 5;
const SHOWN = 10; // largest number of parts in the box

/**
 * @param {{days: string[], parts: any[]}} laid
 * @param {string} currency
 * @param {any[]} anomalies of this currency
 * @param {(anomaly: any) => void} open
 */
export function show(laid, currency, anomalies, open) {
  const { days, parts } = laid;
  const flags = flagged(anomalies, days);
  const outer = parts.map((part, at) => ({ part, at })).reverse();
  const tops = piled(parts, days.length);
  const data = [days.map(seconds), ...outer.map(({ at }) => tops[at])];
  const place = byId("spend-chart");
  draw(place, options(days, outer, currency, flags, tops), data, (at) => described(laid, currency, at, flags));
  place.onclick = () => flags.has(place.chart.cursor.idx) && open(flags.get(place.chart.cursor.idx)[0]);
  describeAll(place, laid, currency, flags);
  if (byId("spend-table").closest("details").open) showTable(laid, currency);
  byId("spend-table").closest("details").ontoggle = () => showTable(laid, currency);
}

/** Map the index of a day to its anomalies, largest impact first. */
function flagged(anomalies, days) {
  const found = new Map();
  for (const anomaly of anomalies.filter((row) => row.status !== "withdrawn")) {
    for (const at of touched(anomaly, days)) found.set(at, [...(found.get(at) ?? []), anomaly]);
  }
  return found;
}

function options(days, outer, currency, flags, tops) {
  const [first, last] = [seconds(days[0]) - HALF_DAY, seconds(days.at(-1)) + HALF_DAY];
  return {
    tzDate: inUtc,
    legend: { show: false },
    cursor: { drag: { setScale: false, x: false, y: false }, points: { show: false }, y: false },
    scales: { x: { range: [first, last] }, y: { range: (_, low, high) => [Math.min(0, low ?? 0) * 1.05, (high || 1) * 1.1] } },
    axes: axes(currency, (at) => shortDay(new Date(at * 1000).toISOString().slice(0, 10))),
    series: [{}, ...outer.map(({ part, at }) => ({ label: part.label, width: 0, fill: partColour(at, part.key), paths: bars(), points: { show: false } }))],
    hooks: { draw: [(chart) => drawFlags(chart, flags, tops)] },
  };
}

function drawFlags(chart, flags, tops) {
  const { ctx } = chart;
  ctx.fillStyle = colour("alarm");
  ctx.strokeStyle = colour("panel");
  for (const at of flags.keys()) {
    const top = Math.max(0, ...tops.map((row) => row[at]));
    const size = FLAG * devicePixelRatio;
    mark(ctx, "flag", chart.valToPos(chart.data[0][at], "x", true), chart.valToPos(top, "y", true) - size / 2, size);
  }
}

function described({ days, parts }, currency, at, flags) {
  const there = parts.map((part, place) => ({ part, place })).filter(({ part }) => part.values[at]);
  const rows = there.slice(0, SHOWN).map(({ part, place }) =>
    el("li", {}, swatch(place, part.key), el("span", {}, part.label), el("b", {}, money(part.values[at], currency))),
  );
  const jumped = (flags.get(at) ?? []).map((anomaly) => el("li", { class: "jump" }, `▼ ${name(anomaly)}: anomaly`));
  const total = parts.reduce((sum, part) => sum + part.values[at], 0);
  return [el("p", {}, written(days[at]), el("b", {}, money(total, currency))), el("ul", {}, rows, jumped)];
}

/** A patch in the colour of a part. */
export const swatch = (at, key) => el("i", { class: `swatch part-${key === null ? "others" : at % 8}`, "aria-hidden": "true" });

function describeAll(place, { days, parts }, currency, flags) {
  const all = sums(parts, days.length);
  const highest = all.indexOf(Math.max(...all));
  place.setAttribute("role", "img");
  const days_ = `Daily spend from ${written(days[0])} to ${written(days.at(-1))} in ${currency}`;
  place.setAttribute("aria-label", `${days_}: at most ${money(all[highest], currency)}, on ${written(days[highest])}. ${flags.size} days with anomalies.`);
}

function showTable({ days, parts }, currency) {
  const all = sums(parts, days.length);
  const columns = [{ head: "Day (UTC)" }, { head: "All", number: true }, ...parts.map((part) => ({ head: part.label, number: true }))];
  const rows = days.map((day, at) => [shortDay(day), money(all[at], currency), ...parts.map((part) => (part.values[at] ? roundMoney(part.values[at], currency) : "–"))]);
  replace(byId("spend-table"), table(`Daily spend in ${currency}`, columns, rows.reverse()));
}
