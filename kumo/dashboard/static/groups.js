// The tree of totals as a table: all costs, accounts, their services, their series.
import { chip } from "./anomalies.js";
import { byId, el, renew, replace, table } from "./dom.js";
import { money, roundMoney, shortDay } from "./format.js";
import { UNNAMED } from "./totals.js";
import { MOST } from "./tree.js";

const STATES = { anomaly: "above usual", unjudged: "not judged" };

/** The status of a total in words for people. */
export const describeStatus = (status) => STATES[status] ?? status ?? "–";

/** The name of a group or series with what it is, for the head of a panel. */
export function title(row, kind) {
  if (kind === "series") return [row.service || UNNAMED, row.account, row.region].filter(Boolean).join(" · ");
  if (row.dimension === "all") return name(row, "all");
  if (row.dimension === "account,service") return `${row.service || UNNAMED} in account ${row.account || UNNAMED}`;
  return `${row.dimension} ${row.value || UNNAMED}`;
}

/** The name of a group or series. */
export function name(row, kind) {
  if (kind === "all") return `All costs in ${row.currency}`;
  return (kind === "series" || kind === "account,service" ? row.service : row.value) || UNNAMED;
}

/**
 * @param {import("./tree.js").Line[]} lines
 * @param {string} chosen id of the group or series that is shown beside
 * @param {{toggle: (id: string) => void, extend: (id: string) => void, choose: (line: object) => void}} act
 */
export function show(lines, chosen, act) {
  const columns = [{ head: "Total" }, { head: "Newest day", number: true }, { head: "Usual", number: true }, { head: "State" }];
  const body = lines.map((line) => (line.row ? cells(line, chosen, act) : [extender(line, lines, act), "", "", ""]));
  renew(byId("groups"), lines.length ? table("Totals of groups and series", columns, body) : el("p", { class: "hint" }, "No group has costs yet."));
  byId("groups").querySelectorAll("tbody tr").forEach((row, at) => row.classList.toggle("chosen", lines[at].row?.id === chosen));
  replace(byId("groups-hint"), "a day in UTC");
}

function cells(line, chosen, act) {
  const { row, kind } = line;
  return [
    named(line, chosen, act),
    row.total === null ? "–" : [el("span", { title: money(row.total, row.currency) }, roundMoney(row.total, row.currency)), el("small", {}, shortDay(row.last_period.slice(0, 10)))],
    row.usual === null ? "–" : roundMoney(row.usual, row.currency),
    chip(describeStatus(row.status), row.status === "anomaly"),
  ].map((cell) => (Array.isArray(cell) ? el("span", {}, cell) : cell));
}

function named(line, chosen, act) {
  const { row, kind, depth, open, leaf } = line;
  const text = name(row, kind);
  const mark = leaf ? el("span", { class: "twig" }) : el("button", { type: "button", class: "twig", "aria-expanded": String(open), "aria-label": `What ${text} is made of`, "data-focus": `open ${row.id}`, onclick: () => act.toggle(row.id) }, open ? "▾" : "▸");
  const pick = el("button", { type: "button", class: "plain", "aria-pressed": String(row.id === chosen), "data-focus": row.id, onclick: () => act.choose(line) }, text);
  return el("span", { class: `branch depth-${depth}` }, mark, el("span", {}, pick, el("small", {}, describeKind(row, kind))));
}

/** What a row is, or where a series is. */
function describeKind(row, kind) {
  if (kind === "all") return "by account";
  if (kind === "series") return [row.provider, row.account, row.region].filter(Boolean).join(" · ") || " ";
  return kind === "account,service" ? "service" : kind;
}

function extender(line, lines, act) {
  const shown = lines.filter((each) => each.row && each.kind === line.kind && each.depth === line.depth).length;
  const full = shown >= MOST;
  const more = full ? el("span", { class: "hint" }, "A filter finds the others.") : el("button", { type: "button", class: "plain", "data-focus": `more ${line.more}`, onclick: () => act.extend(line.more) }, "more");
  return el("span", { class: `branch depth-${line.depth}` }, el("span", { class: "twig" }), more);
}
