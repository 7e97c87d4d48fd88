// The texts, and where they may be sent.
import { SharedArray } from "k6/data";
import exec from "k6/execution";

const texts = new SharedArray("texts", () => JSON.parse(open("../data/texts.json")));

// The text of this iteration: every path gets the same texts in the same order.
export function nextText() {
  return texts[exec.scenario.iterationInTest % texts.length];
}

// The address in an environment variable, or its default. Load goes to this machine only.
export function target(variable, fallback) {
  const url = __ENV[variable] || fallback;
  if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(url)) {
    throw new Error(`${variable} is ${url}: load is sent to http://127.0.0.1:PORT only.`);
  }
  return url;
}
