// The parts of the chart as a table, which is also its legend.
import { byId, el, renew, replace, table } from "./dom.js";
import { percent, roundMoney, signedPercent } from "./format.js";
import { swatch } from "./spend.js";
import { change } from "./totals.js";

/** @param {(field: string, value: string) => void} narrow shows only one part */
export function show({ parts }, currency, by, narrow) {
  const all = parts.reduce((sum, part) => sum + Math.abs(part.amount), 0);
  const columns = [{ head: by[0].toUpperCase() + by.slice(1) }, { head: "Total", number: true }, { head: "Share", number: true }, { head: "Change", number: true }];
  const rows = parts.filter((part) => part.amount).map((part) => [
    named(part, parts.indexOf(part), by, narrow),
    roundMoney(part.amount, currency),
    percent(all ? Math.abs(part.amount) / all : 0),
    changed(part),
  ]);
  renew(byId("parts"), table(`Totals by ${by} in ${currency}`, columns, rows));
  replace(byId("parts-hint"), currency);
}

function named(part, at, by, narrow) {
  const name = part.key ? el("button", { type: "button", class: "plain", "data-focus": part.key, title: `Only ${part.key}`, onclick: () => narrow(by, part.key) }, part.label) : part.label;
  return el("span", { class: "named" }, swatch(at, part.key), name);
}

function changed(part) {
  const share = change(part.amount, part.before);
  return share === null ? el("span", { class: "hint" }, "new") : signedPercent(share);
}
