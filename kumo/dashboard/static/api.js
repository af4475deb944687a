// Talking to the API: the key goes in a header, a refusal comes back in the service's own words.
import { current } from "./key.js";

const PATIENCE_MS = 20_000;

/** What the service refused, or that it could not be asked: `status` is 0 then. */
export class Refused extends Error {
  /** @param {string} detail @param {number} status @param {number} retryAfter in seconds, 0 where none was named */
  constructor(detail, status, retryAfter = 0) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

const authorized = () => (current() ? { Authorization: `Bearer ${current()}` } : {});

/** Ask, and give the answer once it is a good one; raises `Refused`. */
export async function ask(path, options = {}) {
  let answer;
  try {
    // "no-cache" asks the service whether what the browser has is still right: an unchanged answer is not sent again.
    answer = await fetch(path, {
      cache: "no-cache",
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...options,
      headers: { ...authorized(), ...options.headers },
    });
  } catch {
    throw new Refused("The service cannot be reached.", 0);
  }
  if (!answer.ok) throw await refused(answer);
  return answer;
}

async function refused(answer) {
  const seconds = Number(answer.headers.get("Retry-After")) || 0;
  let detail = `${answer.status} ${answer.statusText}`;
  try {
    const problem = await answer.json();
    const more = (problem.errors ?? []).map((error) => `${error.field}: ${error.detail}`);
    detail = more.join("; ") || problem.detail || detail;
  } catch {
    // Not a problem document: something between us and the service answered.
  }
  return new Refused(detail, answer.status, seconds);
}

/** Read a path with parameters as text. */
export async function text(path, query = {}) {
  const search = new URLSearchParams(query).toString();
  return (await ask(search ? `${path}?${search}` : path)).text();
}

/** Read a path with parameters. */
export const get = async (path, query = {}) => JSON.parse(await text(path, query));

/** Post JSON; `headers` are sent with it. */
export async function post(path, body, headers = {}) {
  const sent = { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } };
  return (await ask(path, sent)).json();
}
