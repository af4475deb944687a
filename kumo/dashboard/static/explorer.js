// Shows the tree of totals, and beside it the days of the chosen row: that of all costs if none is chosen.
import { byId, replace } from "./dom.js";
import * as groups from "./groups.js";
import * as periods from "./periods.js";
import * as tree from "./tree.js";
import { go, read as currentView } from "./view.js";

let latest = 0;
let drawn = { lines: "", days: "" };
let shown = { lines: [], chosen: null, days: null };
let span = null;

/** Request the tree and the days of the chosen row, and draw what has changed. */
export async function refresh(view, days) {
  const turn = ++latest;
  span = days;
  const lines = await tree.read(view);
  const chosen = choose(view, lines);
  const about = chosen && (await read(chosen));
  if (turn !== latest) return; // the reader has opened another view meanwhile
  shown = { lines, chosen, days: about };
  draw();
}

/** Draw everything again: the colours have changed. */
export function redraw() {
  drawn = { lines: "", days: "" };
  draw();
}

function choose(view, lines) {
  if (view.series) return { id: view.series, kind: "series" };
  if (view.group) return { id: view.group, kind: "group" };
  const first = lines.find((line) => line.row);
  return first ? { id: first.row.id, kind: first.kind === "series" ? "series" : "group" } : null;
}

/** Read the names and the days of a group or series. */
async function read({ id, kind }) {
  try {
    const { row, days } = await periods.read(id, kind, span);
    return { title: groups.title(row, kind), currency: row.currency, days };
  } catch (error) {
    if (error.status !== 404) throw error;
    return { title: "Not known here", currency: "", days: [] }; // a link from another store
  }
}

function draw() {
  const { lines, chosen, days } = shown;
  const from = JSON.stringify([lines, chosen]);
  if (drawn.lines !== from) groups.show(lines, chosen?.id, { toggle, extend, choose: pick });
  const about = JSON.stringify(days);
  if (drawn.days !== about) {
    if (days) periods.show(days.title, days.days, days.currency);
    else replace(byId("total-body"));
  }
  drawn = { lines: from, days: about };
}

const again = () => refresh(currentView(), span);

function toggle(id) {
  tree.toggle(id);
  again();
}

function extend(id) {
  tree.extend(id);
  again();
}

function pick({ row, kind }) {
  const one = kind === "series" ? { group: "", series: row.id } : { group: row.id, series: "" };
  go({ ...currentView(), ...one });
  byId("total").scrollIntoView({ block: "nearest" });
}
