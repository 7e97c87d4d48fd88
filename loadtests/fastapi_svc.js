// FastAPI with ONNX Runtime in process.
import { isPrediction, post } from "./lib/outcome.js";
import { nextText, target } from "./lib/payloads.js";
import { options as chosen } from "./lib/profiles.js";
import { summarise } from "./lib/summary.js";

export const options = chosen("latency");
export const handleSummary = summarise("fastapi-svc", "latency");

const url = `${target("FASTAPI_URL", "http://127.0.0.1:18081")}/v1/classify`;

export default function () {
  post(url, { text: nextText() }, {}, isPrediction);
}
