// Amounts over time as points over the band of what is expected.
import { axes, draw, mark } from "./frame.js";
import { colour } from "./theme.js";

const ROOM = 0.06; // share of the height, above and below the points
// Shapes differ as well as colours, for colour-blind readers: [shape, fill, edge, size]. The most important are drawn last.
const MARKS = {
  pending: ["circle", "panel", "muted", 3],
  unjudged: ["circle", "panel", "muted", 3],
  learning: ["circle", "panel", "muted", 3],
  normal: ["circle", "accent", "panel", 3.5],
  running: ["square", "panel", "accent", 4.5],
  withdrawn: ["diamond", "panel", "alarm", 6],
  anomaly: ["diamond", "alarm", "panel", 6.5],
};

/**
 * @param {HTMLElement} place
 * @param {object} about
 * @param {any[][]} about.data columns: seconds, amounts, upper edge of the band, its lower edge, expected amounts
 * @param {string[]} about.kinds the kind of each point
 * @param {string} about.currency
 * @param {string} about.label what the chart shows, in words
 * @param {object} [about.time] options of uPlot for the axis of time
 * @param {(seconds: number, step: number) => string} about.written a time on the axis
 * @param {(at: number) => any[]} about.describe content of the box at a point
 */
export function show(place, { data, kinds, currency, label, time = {}, written, describe }) {
  const [times, amounts, ...band] = data;
  // A running total still grows: the line does not lead to it.
  const line = amounts.map((amount, at) => (kinds[at] === "running" ? null : amount));
  draw(place, options(kinds, amounts, currency, time, written), [times, line, ...band, amounts], describe);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", label);
}

function options(kinds, amounts, currency, time, written) {
  const line = (given) => ({ points: { show: false }, ...given });
  const edge = { stroke: colour("band-edge"), width: 1 };
  return {
    legend: { show: false },
    cursor: { drag: { setScale: false, x: false, y: false }, points: { show: false }, y: false },
    scales: { x: { range: roomy }, y: { range: roomy } },
    ...time,
    axes: axes(currency, written),
    bands: [{ series: [2, 3], fill: colour("band") }],
    series: [
      {},
      line({ stroke: colour("line-of-costs"), width: 1, spanGaps: true }),
      line(edge),
      line(edge),
      line({ stroke: colour("muted"), width: 1, dash: [4, 4] }),
      line({ paths: () => null }), // all amounts count for the height
    ],
    hooks: { draw: [(chart) => drawPoints(chart, kinds, amounts)] },
  };
}

/** Return a range with some room, so that no mark is cut off; also if all values are equal. */
function roomy(_, low, high) {
  const room = (high - low) * ROOM || Math.abs(high) * ROOM || 1;
  return [low - room, high + room];
}

function drawPoints(chart, kinds, amounts) {
  for (const kind of Object.keys(MARKS)) kinds.forEach((one, at) => one === kind && drawPoint(chart, at, amounts[at], MARKS[kind]));
}

function drawPoint(chart, at, amount, [shape, fill, edge, size]) {
  const { ctx, data } = chart;
  [ctx.fillStyle, ctx.strokeStyle, ctx.lineWidth] = [colour(fill), colour(edge), devicePixelRatio];
  mark(ctx, shape, chart.valToPos(data[0][at], "x", true), chart.valToPos(amount, "y", true), size * devicePixelRatio);
}
