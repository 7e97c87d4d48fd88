// Triton itself, over the HTTP binding of the Open Inference Protocol: tokenisation and inference, nothing before it.
import { post } from "./lib/outcome.js";
import { nextText, target } from "./lib/payloads.js";
import { options as chosen } from "./lib/profiles.js";
import { summarise } from "./lib/summary.js";

export const options = chosen("latency");
export const handleSummary = summarise("triton", "latency");

const url = `${target("TRITON_URL", "http://127.0.0.1:18000")}/v2/models/sentiment/infer`;

export default function () {
  const inputs = [{ name: "TEXT", datatype: "BYTES", shape: [1, 1], data: [nextText()] }];
  post(url, { inputs, outputs: [{ name: "LOGITS" }] }, {}, (answer) => answer.json("outputs.0.data.#") === 2);
}
