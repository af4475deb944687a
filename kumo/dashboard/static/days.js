// Days as texts, 2026-01-31, all in UTC as the API has them.

export const DAY_MS = 86_400_000;

const number = (day) => Date.parse(`${day}T00:00:00Z`);

/** @param {string} day @param {number} count days to add; may be negative */
export const shifted = (day, count) => new Date(number(day) + count * DAY_MS).toISOString().slice(0, 10);

/** Number of days of a span, including its last one. */
export const length = (first, last) => Math.round((number(last) - number(first)) / DAY_MS) + 1;

/** Every day of a span. */
export const each = (first, last) => Array.from({ length: length(first, last) }, (_, at) => shifted(first, at));

/** Seconds since 1970 at the start of a day. */
export const seconds = (day) => number(day) / 1000;

export const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(number(text));
