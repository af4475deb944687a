// Calls the API. The key goes into a header; an error carries the service's own text.
import { current } from "./key.js";

const PATIENCE_MS = 20_000;

/** A request that failed. `status` is 0 if the service could not be reached. */
export class Refused extends Error {
  /** @param {string} detail @param {number} status @param {number} retryAfter in seconds, 0 if the answer has none */
  constructor(detail, status, retryAfter = 0) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

const authorized = () => (current() ? { Authorization: `Bearer ${current()}` } : {});

/** Send a request and return a successful answer; else throw `Refused`. */
export async function ask(path, options = {}) {
  let answer;
  try {
    // With "no-cache" the browser revalidates its copy, so an unchanged answer is not sent again.
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
    // Not a problem document: a proxy in between answered.
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
