// Building elements. Whatever comes from data becomes text or an attribute, never markup.

/** @param {string} id @returns {any} the element that the page has under this id */
export const byId = (id) => document.getElementById(id);

/**
 * Build an element.
 * @param {string} tag
 * @param {Record<string, any>} [given] attributes; `on…` is a listener, false and null leave one out
 * @param {...(Node|string|number|null|undefined|false|any[])} children
 */
export function el(tag, given = {}, ...children) {
  return fill(set(document.createElement(tag), given), ...children);
}

/** Put children in place of those that a node has. */
export function replace(node, ...children) {
  node.textContent = "";
  return fill(node, ...children);
}

function set(node, given) {
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

function fill(node, ...children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

/** Put children in place of others without taking the keyboard away from who is on one of them. */
export function renew(node, ...children) {
  const held = node.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  replace(node, ...children);
  if (held) node.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus();
}

/** Build a table: its columns as {head, number}, its rows as arrays of cells; the first cell heads its row. */
export function table(caption, columns, rows) {
  const kind = (at) => (columns[at].number ? "number" : null);
  const heads = columns.map((column, at) => el("th", { scope: "col", class: kind(at) }, column.head));
  const body = rows.map((cells) =>
    el("tr", {}, cells.map((cell, at) => el(at ? "td" : "th", { scope: at ? null : "row", class: kind(at) }, cell))),
  );
  return el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, body));
}

/** Say something to those who hear the page. */
export function say(text) {
  replace(byId("said"), text);
}
