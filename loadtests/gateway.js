// The gateway: authentication, de-identification, Triton behind it over gRPC. Its callers have a bearer token, or a client
// certificate, which TLS_CERTIFICATE and TLS_KEY name as PEM files.
import { awaitReachable, isPrediction, post } from "./lib/outcome.js";
import { nextText, target } from "./lib/payloads.js";
import { options as chosen } from "./lib/profiles.js";
import { summarise } from "./lib/summary.js";

const certificate = __ENV.TLS_CERTIFICATE && { cert: open(__ENV.TLS_CERTIFICATE), key: open(__ENV.TLS_KEY) };

export const options = { ...chosen("latency"), tlsAuth: certificate ? [certificate] : null };
export const handleSummary = summarise("gateway", "latency");

if (!__ENV.TOKEN && !certificate) {
  throw new Error("TOKEN is not set: run with TOKEN=$(make -s token).");
}
const gateway = target("GATEWAY_URL", "http://127.0.0.1:18080");
const url = `${gateway}/v1/classify`;
const headers = certificate ? {} : { Authorization: `Bearer ${__ENV.TOKEN}` };

export function setup() {
  if (certificate) {
    awaitReachable(`${gateway}/livez`);
  }
}

export default function () {
  // It says what was de-identified in each text.
  post(url, { text: nextText() }, headers, (answer) => isPrediction(answer) && answer.json("deidentified.#") === 1);
}
