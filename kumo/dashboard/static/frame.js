// Shared parts of both charts: axes, size, and the box that follows the pointer.
import uPlot from "./uplot.js";
import { el, replace } from "./dom.js";
import { shortMoney } from "./format.js";
import { colour } from "./theme.js";

const FONT = "12px system-ui, sans-serif";
const AXIS_WIDTH = 62;
const AXIS_HEIGHT = 30;

/**
 * Draw a chart into a place and remove the earlier one.
 * @param {HTMLElement} place
 * @param {object} options of uPlot
 * @param {any[]} data
 * @param {(at: number) => any[]} describe  content of the box for the point at an index
 */
export function draw(place, options, data, describe) {
  place.chart?.destroy();
  replace(place);
  const box = el("div", { class: "box", hidden: true });
  const chart = new uPlot({ ...sized(place), ...options, plugins: [pointing(box, describe)] }, data, place);
  place.chart = chart;
  chart.over.append(box);
  watch(place);
  return chart;
}

const sized = (place) => ({ width: Math.max(place.clientWidth, 200), height: place.clientHeight });

/** Resize the chart with its place. */
function watch(place) {
  if (place.watched) return;
  place.watched = new ResizeObserver(() => place.chart?.setSize(sized(place)));
  place.watched.observe(place);
}

/** The axes: money at the left, times below, formatted by `written(seconds, step)`. */
export function axes(currency, written) {
  const lines = { stroke: colour("muted"), font: FONT, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  return [
    { ...lines, grid: { show: false }, size: AXIS_HEIGHT, space: 72, values: (_, splits) => splits.map((at, index) => written(at, splits[index + 1] - at || at - splits[index - 1])) },
    { ...lines, size: AXIS_WIDTH, space: 36, values: (_, splits) => splits.map((value) => shortMoney(value, currency)) },
  ];
}

export const inUtc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");

export const bars = () => uPlot.paths.bars({ size: [0.8, 44] });

/** Fill the box and move it beside the pointer. */
function pointing(box, describe) {
  const setCursor = (chart) => {
    const { idx, left } = chart.cursor;
    box.hidden = idx === null || idx === undefined || left < 0;
    if (box.hidden) return;
    if (box.at !== idx) replace(box, describe(idx));
    box.at = idx;
    const right = left > chart.over.clientWidth / 2;
    box.style.left = right ? "auto" : `${left + 14}px`;
    box.style.right = right ? `${chart.over.clientWidth - left + 14}px` : "auto";
  };
  return { hooks: { setCursor } };
}

/** Draw a mark with the given shape on the canvas; sizes in canvas pixels. */
export function mark(context, shape, x, y, size) {
  const path = new Path2D();
  if (shape === "diamond") [[0, -1], [1, 0], [0, 1], [-1, 0]].forEach(([dx, dy], at) => path[at ? "lineTo" : "moveTo"](x + dx * size, y + dy * size));
  else if (shape === "flag") [[0, 0], [-0.8, -1.3], [0.8, -1.3]].forEach(([dx, dy], at) => path[at ? "lineTo" : "moveTo"](x + dx * size, y + dy * size));
  else if (shape === "square") path.rect(x - size, y - size, 2 * size, 2 * size);
  else path.arc(x, y, size, 0, 2 * Math.PI);
  path.closePath();
  context.setLineDash([]); // an earlier drawing may have set dashes
  context.fill(path);
  context.stroke(path);
}
