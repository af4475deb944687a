// A series as points over the band of expected amounts.
import { el } from "./dom.js";
import { moment, money, time } from "./format.js";
import { axes, draw, mark } from "./frame.js";
import { columns, state } from "./history.js";
import { colour } from "./theme.js";

const ROOM = 0.06; // share of the height, above and below the points
// Shapes differ as well as colours, for colour-blind readers: [shape, fill, edge, size].
const MARKS = {
  pending: ["circle", "panel", "muted", 3],
  learning: ["circle", "panel", "muted", 3],
  normal: ["circle", "accent", "panel", 3.5],
  anomaly: ["diamond", "alarm", "panel", 6.5],
  withdrawn: ["diamond", "panel", "alarm", 6],
};

export function show(placeOf, costs, withdrawn, currency) {
  const kinds = costs.map((cost) => state(cost, withdrawn));
  draw(placeOf, options(kinds, currency), columns(costs), (at) => described(costs[at], kinds[at]));
  const flagged = kinds.filter((kind) => kind === "anomaly").length;
  placeOf.setAttribute("role", "img");
  placeOf.setAttribute("aria-label", `${costs.length} costs of the series over time, ${flagged} of them judged an anomaly.`);
}

function options(kinds, currency) {
  const line = (given) => ({ points: { show: false }, ...given });
  const edge = { stroke: colour("band-edge"), width: 1 };
  return {
    legend: { show: false },
    cursor: { drag: { setScale: false, x: false, y: false }, points: { show: false }, y: false },
    scales: { x: { range: roomy }, y: { range: roomy } },
    axes: axes(currency, (at, step) => moment(at * 1000, step * 1000)),
    bands: [{ series: [2, 3], fill: colour("band") }],
    series: [
      {},
      line({ stroke: colour("line-of-costs"), width: 1, spanGaps: true }),
      line(edge),
      line(edge),
      line({ stroke: colour("muted"), width: 1, dash: [4, 4] }),
    ],
    hooks: { draw: [(chart) => drawPoints(chart, kinds)] },
  };
}

/** Return a range with some room, so that no mark is cut off; also if all values are equal. */
function roomy(_, low, high) {
  const room = (high - low) * ROOM || Math.abs(high) * ROOM || 1;
  return [low - room, high + room];
}

function drawPoints(chart, kinds) {
  const order = ["pending", "learning", "normal", "withdrawn", "anomaly"]; // the most important on top
  for (const kind of order) kinds.forEach((one, at) => one === kind && drawPoint(chart, at, MARKS[kind]));
}

function drawPoint(chart, at, [shape, fill, edge, size]) {
  const { ctx, data } = chart;
  [ctx.fillStyle, ctx.strokeStyle, ctx.lineWidth] = [colour(fill), colour(edge), devicePixelRatio];
  mark(ctx, shape, chart.valToPos(data[0][at], "x", true), chart.valToPos(data[1][at], "y", true), size * devicePixelRatio);
}

function described(cost, kind) {
  return [
    el("p", {}, time(cost.timestamp), el("b", {}, money(cost.amount, cost.currency))),
    el("p", { class: kind === "anomaly" ? "jump" : "" }, kind),
    el("p", { class: "words" }, cost.reason ?? "Not judged yet."),
  ];
}
