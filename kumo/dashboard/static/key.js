// The reader's API key. It stays in this tab, and the page asks for it if the service needs one.
import { byId, replace } from "./dom.js";

const PLACE = "kumo-key";

export const current = () => sessionStorage.getItem(PLACE) ?? "";

/** Ask for a key; `why` is the service's answer to the last one. */
export function ask(why = "") {
  const dialog = byId("key-dialog");
  replace(byId("key-fault"), why);
  byId("key-forget").hidden = !current();
  if (!dialog.open) dialog.showModal();
}

/** Let the reader set or forget a key; `changed` is called after both. */
export function listen(changed) {
  const keep = (key) => {
    if (key) sessionStorage.setItem(PLACE, key);
    else sessionStorage.removeItem(PLACE);
    byId("key-form").reset();
    byId("key-dialog").close();
    changed();
  };
  byId("key-open").addEventListener("click", () => ask());
  byId("key-forget").addEventListener("click", () => keep(""));
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    keep(new FormData(event.target).get("key").trim());
  });
}
