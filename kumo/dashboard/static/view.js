// The view as a part of the address, so that it can be shared and the back button works.
import { isDay, length, shifted } from "./days.js";

export const FIELDS = ["service", "account", "region", "provider"];
const BYS = FIELDS;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 1_830; // with the span before, the longest that a summary accepts

/**
 * @typedef {object} View
 * @property {string} by        the field to stack by
 * @property {string} currency  the only currency to show, or ""
 * @property {number} days      length of the span that ends with the newest cost
 * @property {string} from      first day of a fixed span, or ""
 * @property {string} to        its last day
 * @property {string} anomaly   id of the open anomaly, or ""
 * @property {string} group     id of the group whose days are shown, or ""
 * @property {string} series    id of the series whose days are shown, or ""
 * @property {Record<string, string>} fields  required values of the fields of a series
 */

/** @returns {View} */
export function read(search = location.search) {
  const query = new URLSearchParams(search);
  const [from, to] = [query.get("from"), query.get("to")];
  const fixed = isDay(from) && isDay(to) && from <= to && length(from, to) <= MOST_DAYS;
  const days = Number(query.get("days"));
  return {
    by: BYS.includes(query.get("by")) ? query.get("by") : BYS[0],
    currency: query.get("currency") ?? "",
    days: Number.isInteger(days) && days > 0 && days <= MOST_DAYS ? days : DEFAULT_DAYS,
    from: fixed ? from : "",
    to: fixed ? to : "",
    anomaly: query.get("anomaly") ?? "",
    group: query.get("group") ?? "",
    series: query.get("series") ?? "",
    fields: Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ""])),
  };
}

/** Write a view as a query, without default values. */
export function write(view) {
  const query = new URLSearchParams();
  const put = (name, value) => value && query.set(name, value);
  FIELDS.forEach((name) => put(name, view.fields[name]));
  put("currency", view.currency);
  put("by", view.by === BYS[0] ? "" : view.by);
  if (view.from) ["from", "to"].forEach((name) => put(name, view[name]));
  else put("days", view.days === DEFAULT_DAYS ? "" : String(view.days));
  ["anomaly", "group", "series"].forEach((name) => put(name, view[name]));
  return `?${query}`;
}

/** Go to a view, keep the current one for the back button, and notify listeners. */
export function go(view) {
  const address = write(view);
  if (address !== write(read())) history.pushState(null, "", address);
  dispatchEvent(new Event("view"));
}

/** The shown days; `newest` is the day of the newest cost. */
export function span(view, newest) {
  const last = view.to || newest;
  const first = view.from || shifted(newest, 1 - view.days);
  const days = length(first, last);
  return { first, last, days, before: shifted(first, -days) };
}

/** The query parameters for the filters of the view. */
export function filters(view) {
  const given = FIELDS.map((name) => [name, view.fields[name]]).filter(([, value]) => value);
  return Object.fromEntries(view.currency ? [...given, ["currency", view.currency]] : given);
}
