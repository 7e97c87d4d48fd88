// Load profiles. Figures come from the scenario `measure` only; `warmup` is not counted.

const PROFILES = {
  // Does the path answer, and answer right? A few seconds, closed loop.
  smoke: {
    warmup: { executor: "constant-vus", vus: 1, duration: "1s" },
    measure: { executor: "constant-vus", vus: 2, duration: "4s", startTime: "1s" },
    seconds: 4,
  },
  // Latency at a fixed offered rate: an open loop, because clients that wait for a slow server hide its slowness.
  latency: {
    warmup: { executor: "constant-vus", vus: 2, duration: "5s" },
    measure: {
      executor: "constant-arrival-rate",
      rate: Number(__ENV.RATE || 20),
      timeUnit: "1s",
      duration: "20s",
      startTime: "5s",
      preAllocatedVUs: 32,
    },
    seconds: 20,
  },
};

function chosen() {
  const name = __ENV.PROFILE || "smoke";
  if (!(name in PROFILES)) {
    throw new Error(`PROFILE is ${name}: set it to one of ${Object.keys(PROFILES).join(", ")}.`);
  }
  return { name, ...PROFILES[name] };
}

export const profile = chosen();

export const options = {
  scenarios: { warmup: profile.warmup, measure: { ...profile.measure, gracefulStop: "10s" } },
  thresholds: {
    // One wrong or failed answer fails the run.
    "checks{scenario:measure}": ["rate==1"],
    "http_req_failed{scenario:measure}": ["rate==0"],
    // An iteration that could not start means that the offered rate was not reached.
    dropped_iterations: ["count==0"],
    // Named so that the summary has them: k6 keeps figures of a scenario only where a threshold asks for them.
    "http_req_duration{scenario:measure}": ["max<30000"],
    "http_reqs{scenario:measure}": ["count>0"],
  },
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max"],
  discardResponseBodies: false,
};
