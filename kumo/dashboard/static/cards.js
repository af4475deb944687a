// The cards: spend, whether it is normal, whether the team was alerted.
import { MOST, name } from "./anomalies.js";
import { byId, el, renew } from "./dom.js";
import { change as moved, count, money, roundMoney, shortDay, signedPercent } from "./format.js";
import { change } from "./totals.js";

const FAILED = ["dead", "unknown", "no destination"];
const WAITING = ["pending", "sending", "retry"];

/**
 * @param {{currencies: any[], span: any, anomalies: any[], alerts: any[]}} seen anomalies by impact
 * @param {(code: string) => void} choose shows one currency
 * @param {(anomaly: any) => void} open
 */
export function show({ currencies, span, anomalies, alerts }, choose, open) {
  const spending = currencies.map((sums) => spent(sums, span, currencies.length > 1 && choose));
  renew(byId("cards"), spending, normality(anomalies, open), countAlerts(anomalies, alerts));
}

function spent(sums, span, choose) {
  const share = sums.any ? change(sums.amount, sums.before) : null;
  const title = `Spent · ${sums.currency}`;
  const heading = choose ? el("button", { type: "button", class: "plain", "data-focus": sums.currency, onclick: () => choose(sums.currency) }, title) : title;
  const against = share === null ? "no earlier costs to compare with" : [el("b", {}, signedPercent(share)), ` ${moved(sums.amount - sums.before, sums.currency)} against the ${span.days} days before`];
  return card(heading, el("span", { title: money(sums.amount, sums.currency) }, roundMoney(sums.amount, sums.currency)), against, `${shortDay(span.first)} – ${shortDay(span.last)}, ${count(sums.entries)} costs`);
}

function normality(anomalies, open) {
  const real = anomalies.filter((row) => row.status !== "withdrawn");
  const now = real.filter((row) => row.status === "open").length;
  const figure = now ? `${count(now)} open` : real.length ? "Calm again" : "Normal";
  const number = real.length ? [el("b", {}, count(real.length)), anomalies.length >= MOST ? " or more" : "", ` ${real.length === 1 ? "anomaly" : "anomalies"} of series and groups`] : "no anomaly in these days";
  return card("Is it normal?", figure, number, real.length ? largest(real[0], open) : "", now ? "alarm" : "calm");
}

function largest(anomaly, open) {
  const button = el("button", { type: "button", class: "plain", "data-focus": "largest", onclick: () => open(anomaly) }, name(anomaly));
  return ["largest: ", button, ` ${moved(anomaly.impact, anomaly.currency)}, ${shortDay(anomaly.first_seen.slice(0, 10))}`];
}

function countAlerts(anomalies, alerts) {
  const ids = new Set(anomalies.map((row) => row.id));
  const about = alerts.filter((row) => ids.has(row.anomaly));
  const number = (states) => about.filter((row) => states.includes(row.state)).length;
  const [sent, waiting, failed] = [number(["sent"]), number(WAITING), number(FAILED)];
  const figure = !about.length ? "No alerts" : failed ? `${count(failed)} not sent` : waiting ? `${count(waiting)} waiting` : "All sent";
  return card("Was the team alerted?", figure, about.length ? [el("b", {}, `${count(sent)} of ${count(about.length)}`), " alerts sent"] : "no alert about these days", "", failed ? "alarm" : "calm");
}

function card(title, figure, line, rest, state = "") {
  return el("article", { class: "card", "data-state": state }, el("h2", {}, title), el("p", { class: "figure" }, figure), el("p", {}, line), el("p", { class: "hint" }, rest));
}
