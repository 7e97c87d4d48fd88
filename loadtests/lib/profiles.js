// Load profiles. Figures come from the scenario `measure` only: `warmup` is discarded, `after` says whether it recovered.
const NAMES = ["smoke", "latency", "capacity", "stress", "soak", "spike"];
const SETTLE_S = 5;

export const name = __ENV.PROFILE || "smoke";
if (!NAMES.includes(name)) {
  throw new Error(`PROFILE is ${name}: set it to one of ${NAMES.join(", ")}.`);
}

function number(variable, fallback) {
  const value = Number(__ENV[variable] || fallback);
  if (!(value > 0)) {
    throw new Error(`${variable} is ${__ENV[variable]}: set it to a number above 0.`);
  }
  return value;
}

export const clients = number("CLIENTS", { smoke: 2 }[name] || 1);
export const rate = number("RATE", 20);
export const seconds = number("SECONDS", { smoke: 4, soak: 1800, stress: 40, spike: 30 }[name] || 6);
export const isFresh = __ENV.CONNECTION === "fresh";
const warmup = number("WARMUP_S", { smoke: 1 }[name] || 2);
const p95 = number("P95_MS", 50);

// Closed: each client asks anew once it has its answer. For the latency of so many clients.
function closed(startTime, duration) {
  return { executor: "constant-vus", vus: clients, startTime: `${startTime}s`, duration: `${duration}s` };
}

// Open: requests come at their rate whatever the service does, because clients that wait for a slow one hide its slowness.
// So many clients that each has four times the objective for one answer; fewer than the rate needs are dropped iterations.
function open(rate, startTime, duration) {
  return {
    executor: "constant-arrival-rate",
    rate: Math.round(rate * 60),
    timeUnit: "1m",
    startTime: `${startTime}s`,
    duration: `${duration}s`,
    preAllocatedVUs: callers(rate),
  };
}

function ramped(startTime, from, stages) {
  return {
    executor: "ramping-arrival-rate",
    startRate: Math.round(from * 60),
    timeUnit: "1m",
    startTime: `${startTime}s`,
    preAllocatedVUs: callers(Math.max(...stages.map(([target]) => target))),
    stages: stages.map(([target, share]) => ({ target: Math.round(target * 60), duration: `${share * seconds}s` })),
  };
}

function callers(rate) {
  return Math.min(512, Math.max(16, Math.ceil((rate * 4 * p95) / 1000)));
}

const MEASURED = {
  // Does the path answer, and answer right?
  smoke: () => closed(warmup, seconds),
  // The latency of one to so many clients.
  latency: () => closed(warmup, seconds),
  // One step of the search for the most that it answers within the objective.
  capacity: () => open(rate, warmup, seconds),
  // The same for half an hour.
  soak: () => open(rate, warmup, seconds),
  // Step by step to twice the rate, and on.
  stress: () =>
    ramped(
      warmup,
      rate / 2,
      [1, 1.5, 2].flatMap((times) => [
        [rate * times, 0.05],
        [rate * times, 0.25],
      ]).concat([[rate * 2, 0.1]]),
    ),
  // Five times the rate at once.
  spike: () =>
    ramped(warmup, rate, [
      [rate, 0.3],
      [rate * 5, 0.02],
      [rate * 5, 0.38],
      [rate, 0.02],
      [rate, 0.28],
    ]),
};
export const hasAfter = name === "stress" || name === "spike";
export const isOpen = !["smoke", "latency"].includes(name);

// Options of a script whose latency is the metric `latency`.
export function options(latency) {
  const first = isOpen ? open(hasAfter ? rate / 2 : rate, 0, warmup) : closed(0, warmup);
  const scenarios = {
    // What is under way may end: without, a client over gRPC goes on failing calls until k6 has stopped it.
    warmup: { ...first, gracefulStop: "1s" },
    measure: { ...MEASURED[name](), gracefulStop: "10s" },
  };
  if (hasAfter) {
    const after = open(rate / 2, warmup + seconds + SETTLE_S, Math.min(10, seconds));
    scenarios.after = { ...after, gracefulStop: "10s" };
  }
  return {
    scenarios,
    thresholds: thresholds(latency),
    noConnectionReuse: isFresh,
    summaryTrendStats: ["avg", "min", "max", ...[1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9].map((each) => `p(${each})`)],
  };
}

function thresholds(latency) {
  const good = (scenario) => ({
    [`failed{scenario:${scenario}}`]: ["rate==0"],
    // An iteration that could not start means that the offered rate was not reached.
    [`dropped_iterations{scenario:${scenario}}`]: ["count==0"],
    [`${latency}{scenario:${scenario}}`]: [isOpen ? `p(95)<=${p95}` : "max<30000"],
  });
  // k6 keeps figures of a scenario only where a threshold asks for them.
  const kept = {
    "failed{scenario:measure}": ["rate>=0"],
    "dropped_iterations{scenario:measure}": ["count>=0"],
    [`${latency}{scenario:measure}`]: ["max>=0"],
  };
  return {
    // Under any load an answer is right or there is none.
    "wrong{scenario:measure}": ["rate==0"],
    "answered{scenario:measure}": ["count>0"],
    ...(hasAfter ? { ...kept, ...good("after") } : good("measure")),
  };
}
