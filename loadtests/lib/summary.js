// What one run measured, as one JSON object on standard output (and nothing else).
import { clients, hasAfter, isFresh, isOpen, name, rate, seconds } from "./profiles.js";

export function summarise(path, latency) {
  return (data) => {
    const failed = Object.entries(data.metrics)
      .filter(([, metric]) => Object.values(metric.thresholds || {}).some((threshold) => !threshold.ok))
      .map(([metric]) => metric);
    const measured = figures(data, latency, "measure");
    const all = (data.metrics.failed || { values: {} }).values;
    const summary = {
      path,
      profile: name,
      connection: isFresh ? "fresh" : "kept",
      clients: isOpen ? null : clients,
      offered_per_s: isOpen ? rate : null,
      seconds,
      ...measured,
      requests_with_warmup: (all.passes || 0) + (all.fails || 0),
      after_p95_ms: hasAfter ? figures(data, latency, "after").quantiles_ms["95"] : null,
      failed_thresholds: failed.sort(),
    };
    return { stdout: `${JSON.stringify(summary)}\n` };
  };
}

function figures(data, latency, scenario) {
  const values = (metric) => (data.metrics[`${metric}{scenario:${scenario}}`] || { values: {} }).values;
  const times = values(latency);
  const quantiles = Object.entries(times).filter(([name]) => name.startsWith("p("));
  const outcomes = values("failed");
  return {
    requests: (outcomes.passes || 0) + (outcomes.fails || 0),
    answered_per_s: (values("answered").count || 0) / seconds,
    failed: outcomes.passes || 0,
    wrong: values("wrong").passes || 0,
    dropped: values("dropped_iterations").count || 0,
    mean_ms: rounded(times.avg),
    min_ms: rounded(times.min),
    max_ms: rounded(times.max),
    quantiles_ms: Object.fromEntries(quantiles.map(([name, value]) => [name.slice(2, -1), rounded(value)])),
  };
}

// To a tenth of a microsecond; null where nothing was measured.
function rounded(value) {
  return value === undefined ? null : Math.round(value * 1e4) / 1e4;
}
