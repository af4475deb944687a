// The page's colours for charts, which cannot use the style sheet. Charts are drawn again when light and dark change.

const dark = matchMedia("(prefers-color-scheme: dark)");

/** @param {string} name of a style sheet variable, without its dashes */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const COLOURS = 9;

/** The colour of a part of a stack; the last colour is for all others. */
export const partColour = (at, key) => colour(`part-${key === null ? COLOURS - 1 : at % (COLOURS - 1)}`);

/** Call when colours have changed. */
export const onChange = (call) => dark.addEventListener("change", call);
