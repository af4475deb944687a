// Limits how often each part is requested: small parts at once, large parts with a pause that grows with their duration.

// Pauses in ms, and as multiples of the last duration. "spread": costs that extend an anomaly, which no figure counts.
const PARTS = {
  anomalies: { least: 0, share: 0 },
  alerts: { least: 0, share: 0 },
  verdicts: { least: 0, share: 10 },
  totals: { least: 3_000, share: 20 },
  groups: { least: 3_000, share: 20 },
  spread: { least: 3_000, share: 20 },
};
const AT_ONCE = ["anomalies", "alerts"];

/** @param {(parts: Set<string>, figures: object) => Promise<void>} refresh */
export function gates(refresh) {
  const owed = new Set();
  const past = Object.fromEntries(Object.keys(PARTS).map((part) => [part, { at: -Infinity, took: 0, busy: false }]));
  const open = (part, now) => !past[part].busy && now - past[part].at >= Math.max(PARTS[part].least, PARTS[part].share * past[part].took);

  /** Request parts and store the duration; failed parts are requested again. */
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
    /** Request everything at once, for a new page or a new view. */
    all: (figures) => {
      owed.clear();
      return ask(["verdicts", "anomalies", "alerts", "totals", "groups"], figures);
    },
    /** Request the changed parts, each as soon as allowed; wait for the small ones. */
    pass: (changed, figures) => {
      changed.forEach((part) => owed.add(part));
      const now = performance.now();
      const ready = [...owed].filter((part) => open(part, now));
      ready.forEach((part) => owed.delete(part));
      const little = ready.filter((part) => AT_ONCE.includes(part));
      // Not awaited: if the service is lost, the next poll finds it out.
      ready.filter((part) => !AT_ONCE.includes(part)).forEach((part) => ask([part], figures).catch(() => {}));
      return little.length ? ask(little, figures) : undefined;
    },
  };
}
