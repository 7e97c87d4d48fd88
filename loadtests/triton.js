// Triton itself, over the HTTP binding of the Open Inference Protocol: tokenisation and inference, nothing before it.
import { check } from "k6";
import http from "k6/http";

import { nextText, target } from "./lib/payloads.js";
import { summarise } from "./lib/summary.js";

export { options } from "./lib/profiles.js";

const url = `${target("TRITON_URL", "http://127.0.0.1:18000")}/v2/models/sentiment/infer`;
const parameters = { headers: { "Content-Type": "application/json" } };

export default function () {
  const inputs = [{ name: "TEXT", datatype: "BYTES", shape: [1, 1], data: [nextText()] }];
  const response = http.post(url, JSON.stringify({ inputs, outputs: [{ name: "LOGITS" }] }), parameters);
  check(response, {
    "one row of logits": (r) => r.status === 200 && r.json("outputs.0.data.#") === 2,
  });
}

export const handleSummary = summarise("triton");
