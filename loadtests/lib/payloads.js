// The texts, and where they may be sent.
import { SharedArray } from "k6/data";
import encoding from "k6/encoding";
import exec from "k6/execution";

export const texts = new SharedArray("texts", () => JSON.parse(open("../data/texts.json")));
const encoded = new SharedArray("encoded texts", () =>
  JSON.parse(open("../data/texts.json")).map((text) => encoding.b64encode(text)),
);
const HOST = String.raw`(127\.0\.0\.1|[a-z0-9.-]+\.svc\.cluster\.local):\d+`;

// The text of this iteration: every path gets the same texts in the same order.
export function nextText() {
  return texts[exec.scenario.iterationInTest % texts.length];
}

// The same in base64, as Protocol Buffers in JSON have bytes.
export function nextBytes() {
  return encoded[exec.scenario.iterationInTest % encoded.length];
}

// The URL in an environment variable, or its default.
export function target(variable, fallback) {
  return allowed(variable, fallback, new RegExp(`^https?://${HOST}$`));
}

// The same for an address without scheme.
export function address(variable, fallback) {
  return allowed(variable, fallback, new RegExp(`^${HOST}$`));
}

// Load goes to this machine, or from within a cluster to a Service of it, and nowhere else.
function allowed(variable, fallback, pattern) {
  const value = __ENV[variable] || fallback;
  if (!pattern.test(value)) {
    throw new Error(`${variable} is ${value}: load is sent to 127.0.0.1:PORT or to a Service of this cluster only.`);
  }
  return value;
}
