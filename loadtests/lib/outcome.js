// What each request came to. A failed one got no answer or a refusal; a wrong one got an answer that cannot be right.
import { sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";
import { Counter, Rate, Trend } from "k6/metrics";

import { seconds } from "./profiles.js";

const failed = new Rate("failed");
const wrong = new Rate("wrong");
const answered = new Counter("answered");
const latency = new Trend("latency", true);

// Count one request; `isRight` looks at an answer.
export function count(isAnswer, isRight) {
  const right = isAnswer && isRight();
  failed.add(!isAnswer);
  wrong.add(isAnswer && !right);
  // Throughput is of the time that is measured: what an overloaded service answers later is in its latency only.
  if (right && Date.now() - exec.scenario.startTime < seconds * 1000) {
    answered.add(1);
  }
}

// POST over HTTP and count it; the latency has the making of the connection in it, if one is made.
export function post(url, body, headers, isRight) {
  const response = http.post(url, JSON.stringify(body), {
    headers: { "Content-Type": "application/json", ...headers },
  });
  const { connecting, tls_handshaking: handshaking, duration } = response.timings;
  latency.add(connecting + handshaking + duration);
  count(response.status === 200, () => isRight(response));
}

// Whether an answer of `POST /v1/classify` has one prediction with a label.
export function isPrediction(response) {
  return (
    response.json("predictions.#") === 1 && ["POSITIVE", "NEGATIVE"].includes(response.json("predictions.0.label"))
  );
}

// Until a service can be reached, half a minute at most: a new pod's connections are let through some seconds after its start,
// when the cluster's network policies know its address.
export function awaitReachable(url) {
  const until = Date.now() + 30000;
  while (isUnreachable(http.get(url, { timeout: "1s" }).error_code)) {
    if (Date.now() > until) {
      throw new Error(`${url} does not answer: see whether it is up, and whether a NetworkPolicy lets this pod to it.`);
    }
    sleep(0.5);
  }
}

// Time-outs, names and connections; TLS is from 1300: https://grafana.com/docs/k6/latest/javascript-api/error-codes/
function isUnreachable(code) {
  return code >= 1000 && code < 1300;
}
