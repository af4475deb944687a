// Converts the API's daily totals for cards, chart and tables. Nothing here touches the page.
import { each } from "./days.js";

export const OTHERS = "all others";
export const UNNAMED = "(no name)";

/** Sum the rows of each currency in the span and in the equally long span before it. */
export function byCurrency(rows, span) {
  const found = new Map();
  for (const row of rows) {
    const sums = found.get(row.currency) ?? { currency: row.currency, amount: 0, before: 0, entries: 0, any: false };
    if (row.date < span.first) [sums.before, sums.any] = [sums.before + row.amount, true];
    else [sums.amount, sums.entries] = [sums.amount + row.amount, sums.entries + row.entries];
    found.set(row.currency, sums);
  }
  return [...found.values()].sort((one, other) => other.entries - one.entries || (one.currency < other.currency ? -1 : 1));
}

/**
 * Lay the rows of one currency out by key and day.
 * @returns {{days: string[], parts: {key: string|null, label: string, values: number[], amount: number, before: number}[]}}
 */
export function layOut(rows, span, currency) {
  const days = each(span.first, span.last);
  const at = new Map(days.map((day, index) => [day, index]));
  const parts = new Map();
  for (const row of rows) {
    if (row.currency !== currency) continue;
    const part = parts.get(row.key) ?? newPart(row.key, days.length);
    parts.set(row.key, part);
    const index = at.get(row.date);
    if (index === undefined) part.before += row.amount;
    else [part.values[index], part.amount] = [part.values[index] + row.amount, part.amount + row.amount];
  }
  return { days, parts: [...parts.values()].sort(byAmount) };
}

function newPart(key, length) {
  return { key, label: key === null ? OTHERS : key || UNNAMED, values: Array(length).fill(0), amount: 0, before: 0 };
}

/** Largest first; "all others" always last. */
const byAmount = (one, other) => (one.key === null) - (other.key === null) || other.amount - one.amount;

/**
 * Stack the parts and return the end of each bar. Credits stack downwards.
 * @returns {number[][]} one row a part, in the order of the parts
 */
export function piled(parts, length) {
  const [up, down] = [Array(length).fill(0), Array(length).fill(0)];
  return parts.map((part) =>
    part.values.map((value, day) => {
      const pile = value < 0 ? down : up;
      pile[day] += value;
      return pile[day];
    }),
  );
}

/** The sum of all parts for each day. */
export const sums = (parts, length) =>
  parts.reduce((all, part) => all.map((sum, day) => sum + part.values[day]), Array(length).fill(0));

/** The indexes of the days with entries of an anomaly. */
export function touched(anomaly, days) {
  const [from, to] = [anomaly.first_seen.slice(0, 10), anomaly.last_seen.slice(0, 10)];
  return days.flatMap((day, index) => (day >= from && day <= to ? [index] : []));
}

/** The change as a share of the earlier amount; null without an earlier amount. */
export const change = (amount, before) => (before ? (amount - before) / Math.abs(before) : null);
