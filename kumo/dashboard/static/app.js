// The page: connects its parts and starts polling.
import * as add from "./add.js";
import { redraw, refresh } from "./board.js";
import { byId, replace } from "./dom.js";
import * as filterForm from "./filters.js";
import * as key from "./key.js";
import { run } from "./live.js";
import { onChange } from "./theme.js";
import * as upload from "./upload.js";
import { go, read } from "./view.js";

const CURL = `curl ${location.origin}/ingest/ \\
  -H 'Content-Type: application/json' -H 'Prefer: wait=5' \\
  -d '{"service": "AWS EC2", "amount": 50.5}'`;

const again = run(refresh);

addEventListener("view", again);
addEventListener("popstate", again);
onChange(redraw);
key.listen(again);
add.listen(again);
filterForm.listen();
upload.listen();

replace(byId("curl"), CURL);
byId("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(CURL);
  replace(byId("copy"), "Copied");
});
byId("detail-close").addEventListener("click", () => go({ ...read(), anomaly: "" }));
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
