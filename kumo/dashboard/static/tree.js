// The tree of totals: which groups and series are below another, and their rows. Nothing here touches the page.
import { get } from "./api.js";

const FIRST = 20;
const MORE = 100;
/** Largest number of rows below one node; a filter finds the others. */
export const MOST = 1_000;

// Opened nodes, by id: how many rows below each are shown.
const opened = new Map();
// The same for the rows without a node above them.
const TOP = "";

/**
 * @typedef {object} Line a row of the tree
 * @property {object} row    the group or series, as the API has it
 * @property {string} kind   its dimension, or "series"
 * @property {number} depth
 * @property {boolean} open
 * @property {boolean} leaf
 * @property {string} [more] of a line without a row: the node of which more can be shown
 */

/** The dimension of the rows at the top: with one filter its group, with others the series that they select. */
export function choose({ fields }) {
  const named = Object.keys(fields).filter((name) => fields[name]);
  if (!named.length) return "all";
  if (named.length === 1) return named[0];
  return named.length === 2 && fields.account && fields.service ? "account,service" : "series";
}

/** The dimension below a group, and the filters that select it. */
export function below(kind, row) {
  const { currency } = row;
  const named = Object.fromEntries(kind.split(",").map((name) => [name, nameOf(row, kind, name)]));
  if (kind === "all") return ["account", { currency }];
  if (kind === "account" || kind === "service") return ["account,service", { currency, ...named }];
  return ["series", { currency, ...named }];
}

/** One of the names that make a group; a service of an account has two. */
export const nameOf = (row, kind, name) => (kind === name ? row.value : row[name]);

/** @returns {Promise<Line[]>} the lines from top to bottom */
export async function read(view) {
  const kind = choose(view);
  const fields = Object.entries(view.fields).filter(([, value]) => value);
  const filters = Object.fromEntries(view.currency ? [...fields, ["currency", view.currency]] : fields);
  return level(TOP, kind, filters, 0);
}

async function level(node, kind, filters, depth) {
  const shown = opened.get(node) ?? FIRST;
  // An empty field is no filter, so the answer to it has other rows too.
  const empty = Object.keys(filters).filter((name) => !filters[name]);
  const most = empty.length ? MOST : Math.min(shown + 1, MOST);
  const found = await (kind === "series" ? get("/series/", { ...filters, limit: most }) : get("/groups/", { ...filters, dimension: kind, top: most }));
  const rows = found.filter((row) => empty.every((name) => !nameOf(row, kind, name)));
  const lines = await Promise.all(rows.slice(0, shown).map((row) => branch(row, kind, depth)));
  const more = rows.length > shown || found.length === MOST ? [{ row: null, kind, depth, open: false, leaf: true, more: node }] : [];
  return [...lines.flat(), ...more];
}

async function branch(row, kind, depth) {
  const leaf = kind === "series";
  const open = !leaf && opened.has(row.id);
  const line = { row, kind, depth, open, leaf };
  return open ? [line, ...(await level(row.id, ...below(kind, row), depth + 1))] : [line];
}

/** Open a node, or close it. */
export function toggle(node) {
  if (!opened.delete(node)) opened.set(node, FIRST);
}

/** Show more rows below a node. */
export function extend(node) {
  opened.set(node, Math.min((opened.get(node) ?? FIRST) + MORE, MOST));
}
