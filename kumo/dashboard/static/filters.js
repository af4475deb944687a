// The form with the filters. It writes the view, and the view fills the form.
import { get } from "./api.js";
import { isDay } from "./days.js";
import { byId, el, replace } from "./dom.js";
import { FIELDS, filters, go, read } from "./view.js";

const MOST_SERIES = 1_000;
let offered = false;

export function listen() {
  const form = byId("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => go({ ...read(), ...written(form) }));
  form.addEventListener("focusin", offer);
  for (const button of form.querySelectorAll("[data-days]")) {
    button.addEventListener("click", () => go({ ...read(), from: "", to: "", days: Number(button.dataset.days) }));
  }
  byId("more").addEventListener("click", () => byId("more").setAttribute("aria-expanded", String(form.classList.toggle("all"))));
  byId("clear").addEventListener("click", () => go({ ...read("?"), by: read().by }));
}

/** Read the form as a view. The dates count only if both are set and in order. */
function written(form) {
  const given = Object.fromEntries(new FormData(form));
  const fixed = isDay(given.from) && isDay(given.to) && given.from <= given.to;
  const fields = Object.fromEntries(FIELDS.map((name) => [name, given[name].trim()]));
  return { by: given.by, currency: given.currency, fields, ...(fixed ? { from: given.from, to: given.to } : {}) };
}

/** @param {import("./view.js").View} view @param {{first: string, last: string}} span @param {string[]} currencies */
export function show(view, span, currencies) {
  const form = byId("filters").elements;
  FIELDS.forEach((name) => set(form[name], view.fields[name]));
  set(form.by, view.by);
  set(form.from, span.first);
  set(form.to, span.last);
  const known = [...new Set([...currencies, view.currency].filter(Boolean))].sort();
  const there = [...form.currency.options].map((option) => option.value).join();
  if (there !== ["", ...known].join()) replace(form.currency, el("option", { value: "" }, "any"), known.map((code) => el("option", { value: code }, code)));
  set(form.currency, view.currency);
  for (const button of byId("filters").querySelectorAll("[data-days]")) {
    button.setAttribute("aria-pressed", String(!view.from && view.days === Number(button.dataset.days)));
  }
  byId("clear").disabled = !Object.keys(filters(view)).length && !view.from;
}

/** Do not change a field that the reader is editing. */
function set(input, value) {
  if (document.activeElement !== input || !input.value) input.value = value;
}

/** Load the known values on the first focus. */
async function offer() {
  if (offered) return;
  offered = true;
  try {
    const series = await get("/series/", { limit: MOST_SERIES });
    for (const name of FIELDS) {
      const values = distinct(series.map((row) => row[name]).filter(Boolean)).sort();
      replace(byId(`known-${name}`), values.map((value) => el("option", { value })));
    }
  } catch {
    offered = false; // typing works without them; the next focus tries again
  }
}

/** Keep the first of names that differ only in case, encoding of accents or white space; the service finds all spellings of each. */
function distinct(names) {
  const spelled = new Map();
  for (const name of names) {
    const form = name.normalize().toLowerCase().split(/\s+/).filter(Boolean).join(" ");
    if (!spelled.has(form)) spelled.set(form, name);
  }
  return [...spelled.values()];
}
