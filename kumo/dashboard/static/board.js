// Requests and draws the parts of the page, each only when it changes.
import * as anomalies from "./anomalies.js";
import { text } from "./api.js";
import * as cards from "./cards.js";
import * as detail from "./detail.js";
import { byId, replace } from "./dom.js";
import * as explorer from "./explorer.js";
import * as filterForm from "./filters.js";
import { day } from "./format.js";
import * as lists from "./lists.js";
import * as parts from "./parts.js";
import * as spend from "./spend.js";
import { byCurrency, layOut } from "./totals.js";
import * as views from "./view.js";

const TOP = 8; // parts with their own colour; the service adds up the others
const NEWEST = 12;
const MOST_ALERTS = 100;

// `address` is the view for which the rest was requested.
const seen = { newest: [], rows: [], anomalies: [], alerts: [], figures: null, span: null, address: "" };
const answers = {};
let drawnFrom = {};

/**
 * Request the named parts and show the changes: first the anomalies, which are little data, then the
 * totals, which are much.
 */
export async function refresh(wanted, figures) {
  const view = views.read();
  const narrow = views.filters(view);
  const address = views.write({ ...view, anomaly: "", group: "", series: "" });
  const same = seen.span && seen.address === address;
  [seen.figures, seen.address] = [figures, address];
  await Promise.all([
    same && wanted.has("anomalies") && jumped(narrow),
    wanted.has("alerts") && load("alerts", "/alerts/", { ...narrow, limit: MOST_ALERTS }),
    wanted.has("verdicts") && load("newest", "/costs/", { ...narrow, limit: NEWEST }),
  ]);
  if (seen.address !== address) return; // the reader has opened another view meanwhile
  const before = JSON.stringify(seen.span);
  seen.span = views.span(view, seen.newest[0]?.timestamp.slice(0, 10) ?? new Date().toISOString().slice(0, 10));
  const moved = !same || JSON.stringify(seen.span) !== before;
  if (!moved) show(view);
  const totals = { ...narrow, by: view.by, from: seen.span.before, to: seen.span.last, top: TOP };
  await Promise.all([moved && jumped(narrow), (moved || wanted.has("totals")) && load("rows", "/costs/summary", totals), (moved || wanted.has("groups")) && explorer.refresh(view, seen.span)]);
  if (seen.address !== address) return;
  show(view);
  if (moved || wanted.has("verdicts") || wanted.has("alerts")) await detail.show(view.anomaly, seen.anomalies, seen.alerts);
}

/** Read the anomalies of the shown days. */
const jumped = (narrow) => load("anomalies", "/anomalies/", { ...narrow, from: seen.span.first, to: seen.span.last, limit: anomalies.MOST });

/** Draw everything again: the colours have changed. */
export function redraw() {
  drawnFrom = {};
  if (!seen.span) return;
  show(views.read());
  detail.redraw();
  explorer.redraw();
}

/** Read a part. An unchanged answer stays the same object, so that it is not drawn again. */
async function load(name, path, query) {
  const { address } = seen;
  const answer = await text(path, query);
  if (address !== seen.address || answers[name] === answer) return;
  answers[name] = answer;
  seen[name] = JSON.parse(answer);
}

/** Draw a part if its data has changed. */
function draw(name, from, how) {
  const before = drawnFrom[name];
  if (before && from.every((value, at) => value === before[at])) return;
  drawnFrom[name] = from;
  how();
}

function show(view) {
  const nothing = !seen.newest.length && !Object.keys(views.filters(view)).length;
  byId("empty").hidden = !nothing;
  byId("board").hidden = nothing;
  const currencies = byCurrency(seen.rows, seen.span);
  filterForm.show(view, seen.span, currencies.map((sums) => sums.currency));
  if (!nothing) showBoard(view, currencies);
}

function showBoard(view, currencies) {
  const { span, rows, newest } = seen;
  const currency = view.currency || currencies[0]?.currency || newest[0]?.currency || "USD";
  const days = `${span.first} ${span.last}`;
  const about = [rows, seen.anomalies, currency, days, view.by];
  const ordered = anomalies.ordered(seen.anomalies, currency);
  const laid = layOut(rows, span, currency);
  const choose = (code) => views.go({ ...views.read(), currency: code });
  draw("cards", [...about, seen.alerts], () => cards.show({ currencies: shown(currencies, currency), span, anomalies: ordered, alerts: seen.alerts }, choose, open));
  draw("spend", about, () => spend.show(laid, currency, seen.anomalies.filter((row) => row.currency === currency), open));
  draw("parts", about, () => parts.show(laid, currency, view.by, narrow));
  draw("anomalies", [seen.anomalies, seen.alerts, currency, view.anomaly], () => anomalies.show(ordered, seen.alerts, view.anomaly, open));
  draw("alerts", [seen.alerts, seen.figures.on], () => lists.showAlerts(seen.alerts, seen.figures));
  draw("latest", [newest], () => lists.showLatest(newest, (id) => open({ id })));
  replace(byId("spend-hint"), `${currency}, ${day(span.first)} – ${day(span.last)}, by ${view.by}`);
}

/** Open an anomaly, or close it if it is open. */
function open({ id }) {
  const view = views.read();
  const closes = view.anomaly === id;
  views.go({ ...view, anomaly: closes ? "" : id });
  if (!closes) byId("detail").scrollIntoView({ block: "nearest" });
}

function narrow(field, value) {
  const view = views.read();
  views.go({ ...view, fields: { ...view.fields, [field]: value } });
}

/** Without any cost in these days, use one known currency for the empty totals. */
const shown = (currencies, currency) => (currencies.length ? currencies : [{ currency, amount: 0, before: 0, entries: 0, any: false }]);
