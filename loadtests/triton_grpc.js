// Triton itself, over gRPC; with mutual TLS where TRITON_CA, TRITON_CERTIFICATE and TRITON_KEY name PEM files.
import grpc from "k6/net/grpc";

import { count } from "./lib/outcome.js";
import { address, nextBytes } from "./lib/payloads.js";
import { isFresh, options as chosen } from "./lib/profiles.js";
import { summarise } from "./lib/summary.js";

// TRITON_AT is where the address really is, for who reaches a Service under another one: its certificate names the Service.
const triton = address("TRITON_GRPC", "127.0.0.1:18001");
const hosts = __ENV.TRITON_AT ? { [triton]: address("TRITON_AT") } : {};

export const options = { ...chosen("grpc_req_duration"), hosts };
export const handleSummary = summarise("triton-grpc", "grpc_req_duration");

if (isFresh) {
  throw new Error("CONNECTION is fresh: k6 does not time the connections of gRPC, so measure it with kept ones.");
}
const tls = __ENV.TRITON_CA && {
  cacerts: open(__ENV.TRITON_CA),
  cert: open(__ENV.TRITON_CERTIFICATE),
  key: open(__ENV.TRITON_KEY),
};
const client = new grpc.Client();
client.load(["lib"], "inference.proto");
let isConnected = false;

export default function () {
  if (!isConnected) {
    client.connect(triton, tls ? { tls } : { plaintext: true });
    isConnected = true;
  }
  const inputs = [{ name: "TEXT", datatype: "BYTES", shape: [1, 1], contents: { bytes_contents: [nextBytes()] } }];
  const request = { model_name: "sentiment", inputs, outputs: [{ name: "LOGITS" }] };
  const response = client.invoke("inference.GRPCInferenceService/ModelInfer", request, { timeout: "20s" });
  // Two numbers of four bytes, in base64.
  count(response.status === grpc.StatusOK, () => response.message.rawOutputContents[0].length === 12);
}
