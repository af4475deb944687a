// Alerts with their state and last answer, and the newest costs with their verdicts.
import { chip, describeState } from "./anomalies.js";
import { byId, el, renew, replace, table } from "./dom.js";
import { change, money, place, time } from "./format.js";

const TROUBLE = ["dead", "unknown", "retry", "no destination"];

export function showAlerts(alerts, figures) {
  const columns = [{ head: "About" }, { head: "Impact", number: true }, { head: "State" }, { head: "Last answer" }, { head: "Raised" }];
  const rows = alerts.map((row) => [
    el("span", { class: "series" }, el("span", {}, row.title ?? row.imported?.name ?? "a test"), el("small", {}, row.kind + (row.repeat ? ", possible repeat" : ""))),
    row.impact === null ? "–" : change(row.impact, row.currency),
    chip(describeState(row.state), TROUBLE.includes(row.state)),
    el("span", { class: "words" }, row.last_answer ?? "none yet"),
    time(row.sent_at ?? row.created_at),
  ]);
  replace(byId("alerts"), rows.length ? table("Alerts, newest first", columns, rows) : el("p", { class: "hint" }, "No alerts."));
  replace(byId("alerts-hint"), figures && !figures.on ? chip("A destination is switched off", true) : "");
}

export function showLatest(costs, open) {
  const columns = [{ head: "Series" }, { head: "Amount", number: true }, { head: "Verdict" }, { head: "When" }];
  const rows = costs.map((row) => [
    el("span", { class: "series" }, row.anomaly ? el("button", { type: "button", class: "plain", "data-focus": row.id, onclick: () => open(row.anomaly) }, row.service) : el("span", {}, row.service), el("small", {}, place(row) || " ")),
    money(row.amount, row.currency),
    el("span", { title: row.reason ?? "not judged yet" }, chip(row.status, row.status === "anomaly")),
    time(row.timestamp),
  ]);
  renew(byId("latest"), table("Newest costs", columns, rows));
}
