"""The KServe v2 inference protocol, as far as the model needs it, for clients that speak it already.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md, and its extension for
binary tensors, which Triton's HTTP client uses unless it is told otherwise:
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""
