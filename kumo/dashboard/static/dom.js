// Builds elements. Data always becomes text or an attribute, never markup.

/** @param {string} id @returns {any} the element with this id */
export const byId = (id) => document.getElementById(id);

/**
 * Build an element.
 * @param {string} tag
 * @param {Record<string, any>} [given] attributes; `on…` is a listener; false and null are left out
 * @param {...(Node|string|number|null|undefined|false|any[])} children
 */
export function el(tag, given = {}, ...children) {
  return fill(set(document.createElement(tag), given), ...children);
}

/** Replace the children of a node. */
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

/** Replace the children of a node and keep the keyboard focus. */
export function renew(node, ...children) {
  const held = node.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  replace(node, ...children);
  if (held) node.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus();
}

/** Build a table from columns {head, number} and rows of cells; the first cell is the head of its row. */
export function table(caption, columns, rows) {
  const kind = (at) => (columns[at].number ? "number" : null);
  const heads = columns.map((column, at) => el("th", { scope: "col", class: kind(at) }, column.head));
  const body = rows.map((cells) =>
    el("tr", {}, cells.map((cell, at) => el(at ? "td" : "th", { scope: at ? null : "row", class: kind(at) }, cell))),
  );
  return el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, body));
}

/** Announce a text to screen readers. */
export function say(text) {
  replace(byId("said"), text);
}
