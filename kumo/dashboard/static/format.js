// Formats numbers and times for the reader's language and time zone.
import { DAY_MS } from "./days.js";
import { el } from "./dom.js";

const MINUTE_MS = 60_000;
const WHOLE_FROM = 10_000; // amounts from this size on are shown without cents
const kept = new Map();

/** Return a cached formatter, because creating one is slow. */
function formatter(name, make) {
  if (!kept.has(name)) kept.set(name, make());
  return kept.get(name);
}

/** @param {number} amount @param {string} currency @param {object} [options] of Intl.NumberFormat */
export function money(amount, currency, options = {}) {
  const format = formatter(`money ${currency} ${JSON.stringify(options)}`, () => currencyFormat(currency, options));
  return format.format(amount);
}

function currencyFormat(currency, options) {
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency, ...options });
  } catch {
    const plain = new Intl.NumberFormat(undefined, options);
    return { format: (amount) => `${plain.format(amount)} ${currency}` };
  }
}

/** Money with fewer digits for large amounts. */
export const roundMoney = (amount, currency) =>
  money(amount, currency, Math.abs(amount) >= WHOLE_FROM ? { maximumFractionDigits: 0 } : {});

/** Money for an axis: 12K. */
export const shortMoney = (amount, currency) => money(amount, currency, { notation: "compact", maximumFractionDigits: 1 });

/** Money with its sign. */
export const change = (amount, currency) =>
  money(amount, currency, { signDisplay: "exceptZero", ...(Math.abs(amount) >= WHOLE_FROM ? { maximumFractionDigits: 0 } : {}) });

export const count = (number) => formatter("count", () => new Intl.NumberFormat()).format(number);

/** @param {number} share 0.5 means half */
export const percent = (share) =>
  formatter("percent", () => new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 })).format(share);

export const signedPercent = (share) =>
  formatter("signed", () =>
    new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }),
  ).format(share);

const dated = (options) => (date) =>
  formatter(JSON.stringify(options), () => new Intl.DateTimeFormat(undefined, options)).format(date);

/** A day of the summary, in UTC: 2026-01-31. */
export const day = (text) => dated({ day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })(new Date(`${text}T00:00:00Z`));

export const shortDay = (text) => dated({ day: "numeric", month: "short", timeZone: "UTC" })(new Date(`${text}T00:00:00Z`));

/** A time in the reader's zone, with the UTC time as its tooltip. */
export function time(text) {
  const shown = dated({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" })(new Date(text));
  return el("time", { datetime: text, title: `${text.slice(0, 10)} ${text.slice(11, 19)} UTC` }, shown);
}

/** A short time for an axis: a clock time if `step` is shorter than a day; both in ms. */
export const moment = (at, step) => dated(step >= DAY_MS ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", ...(step < MINUTE_MS && { second: "2-digit" }) })(new Date(at));

/** A clock time in the reader's zone. */
export const clock = (date) => dated({ hour: "2-digit", minute: "2-digit", second: "2-digit" })(date);

/** The fields of a series other than its service. */
export const place = (row) => [row.provider, row.account, row.region].filter(Boolean).join(" · ");
