"""What Triton may not be started with, and must be: it keeps no input, and whoever may ask it may not administer it.

https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/customization_guide/deploy.html
"""

ADMINISTRATION = {
    "--model-control-mode": ("none",),
    "--allow-sagemaker": ("0", "false"),
    "--allow-vertex-ai": ("0", "false"),
}
"""Options that have no other value than these: other models, further ways in."""
LOGGING = {"--log-verbose": ("0", "false")}
"""And here: texts in the log."""
ONLY = {**ADMINISTRATION, **LOGGING}
NEVER = ("--cache-config", "--cache-directory", "--response-cache-byte-size")
"""Options of the response cache, which keeps inputs."""
TRACE = ("--trace-config", "--trace-level")
NOT_TRACED = "TENSORS"
"""What these options may not hold: it writes inputs to a file."""
GRPC_ADDRESS = "--grpc-address"
ALWAYS = {GRPC_ADDRESS: "127.0.0.1"}
"""gRPC is reached through the sidecar that ends mutual TLS."""
RESTRICTIONS = ("--http-restricted-api", "--grpc-restricted-protocol")
RESTRICTED = ("model-repository", "shared-memory", "trace", "logging")
"""What is reached only with the key that these options name, `<protocols>:<header>=<key>`."""
GUARDED = (*ONLY, *NEVER, *TRACE, *ALWAYS, *RESTRICTIONS)
