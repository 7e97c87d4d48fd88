// FastAPI with ONNX Runtime in process.
import { check } from "k6";
import http from "k6/http";

import { nextText, target } from "./lib/payloads.js";
import { summarise } from "./lib/summary.js";

export { options } from "./lib/profiles.js";

const url = `${target("FASTAPI_URL", "http://127.0.0.1:18081")}/v1/classify`;
const parameters = { headers: { "Content-Type": "application/json" } };

export default function () {
  const response = http.post(url, JSON.stringify({ text: nextText() }), parameters);
  check(response, {
    "one prediction": (r) => r.status === 200 && r.json("predictions.#") === 1,
    "a label": (r) => r.status === 200 && ["POSITIVE", "NEGATIVE"].includes(r.json("predictions.0.label")),
  });
}

export const handleSummary = summarise("fastapi-svc");
