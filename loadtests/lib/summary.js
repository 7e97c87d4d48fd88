// What one run measured, as one JSON object on standard output (and nothing else).
import { profile } from "./profiles.js";

export function summarise(path) {
  return (data) => {
    const values = (metric) => (data.metrics[`${metric}{scenario:measure}`] || { values: {} }).values;
    const duration = values("http_req_duration");
    const requests = values("http_reqs").count || 0;
    const failed = Object.entries(data.metrics)
      .filter(([, metric]) => Object.values(metric.thresholds || {}).some((threshold) => !threshold.ok))
      .map(([name]) => name);
    const summary = {
      path,
      profile: profile.name,
      requests,
      requests_per_s: requests / profile.seconds,
      p50_ms: duration.med,
      p95_ms: duration["p(95)"],
      p99_ms: duration["p(99)"],
      failed_thresholds: failed,
    };
    return { stdout: `${JSON.stringify(summary)}\n` };
  };
}
