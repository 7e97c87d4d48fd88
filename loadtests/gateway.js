// The gateway: authentication, de-identification, Triton behind it over gRPC.
import { check } from "k6";
import http from "k6/http";

import { nextText, target } from "./lib/payloads.js";
import { summarise } from "./lib/summary.js";

export { options } from "./lib/profiles.js";

if (!__ENV.TOKEN) {
  throw new Error("TOKEN is not set: run with TOKEN=$(make -s token).");
}
const url = `${target("GATEWAY_URL", "http://127.0.0.1:18080")}/v1/classify`;
const parameters = { headers: { "Content-Type": "application/json", Authorization: `Bearer ${__ENV.TOKEN}` } };

export default function () {
  const response = http.post(url, JSON.stringify({ text: nextText() }), parameters);
  check(response, {
    "one prediction": (r) => r.status === 200 && r.json("predictions.#") === 1,
    "a label": (r) => r.status === 200 && ["POSITIVE", "NEGATIVE"].includes(r.json("predictions.0.label")),
    "says what was de-identified": (r) => r.status === 200 && r.json("deidentified.#") === 1,
  });
}

export const handleSummary = summarise("gateway");
