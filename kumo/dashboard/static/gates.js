// How often each part may be asked for: what is little at once, what is much the later the longer it took.

// In ms, and in times of what the last answer took. "spread" is what extends an anomaly without being counted anywhere.
const PARTS = {
  anomalies: { least: 0, share: 0 },
  alerts: { least: 0, share: 0 },
  verdicts: { least: 0, share: 10 },
  totals: { least: 3_000, share: 20 },
  spread: { least: 3_000, share: 20 },
};
const AT_ONCE = ["anomalies", "alerts"];

/** @param {(parts: Set<string>, figures: object) => Promise<void>} refresh */
export function gates(refresh) {
  const owed = new Set();
  const past = Object.fromEntries(Object.keys(PARTS).map((part) => [part, { at: -Infinity, took: 0, busy: false }]));
  const open = (part, now) => !past[part].busy && now - past[part].at >= Math.max(PARTS[part].least, PARTS[part].share * past[part].took);

  /** Ask for parts, and remember how long that took; what failed is owed still. */
  async function ask(parts, figures) {
    const begun = performance.now();
    for (const part of parts) Object.assign(past[part], { at: begun, busy: true });
    try {
      await refresh(new Set(parts.map((part) => (part === "spread" ? "anomalies" : part))), figures);
    } catch (error) {
      parts.forEach((part) => owed.add(part));
      throw error;
    } finally {
      for (const part of parts) Object.assign(past[part], { took: performance.now() - begun, busy: false });
    }
  }

  return {
    /** Ask for everything at once: the page begins, or looks at something else. */
    all: (figures) => {
      owed.clear();
      return ask(["verdicts", "anomalies", "alerts", "totals"], figures);
    },
    /** Ask for what has changed, each as soon as it may; waits for what is little. */
    pass: (changed, figures) => {
      changed.forEach((part) => owed.add(part));
      const now = performance.now();
      const ready = [...owed].filter((part) => open(part, now));
      ready.forEach((part) => owed.delete(part));
      const little = ready.filter((part) => AT_ONCE.includes(part));
      // Nobody waits for these: where the service is lost, the next look finds that out.
      ready.filter((part) => !AT_ONCE.includes(part)).forEach((part) => ask([part], figures).catch(() => {}));
      return little.length ? ask(little, figures) : undefined;
    },
  };
}
