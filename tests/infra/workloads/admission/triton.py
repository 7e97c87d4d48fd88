"""Triton keeps no input, and whoever may ask it may not administer it."""

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import LABELS, RESTRICTED, container, pod_spec, triton, workload

REFUSED = (
    Case("models by request", triton("--model-control-mode=explicit"), "inference-triton", "load other models"),
    Case("models from a folder", triton("--model-control-mode=poll"), "inference-triton", "load other models"),
    Case("a log of texts", triton("--log-verbose=1"), "inference-triton", "--log-verbose=0"),
    Case("SageMaker's way in", triton("--allow-sagemaker=true"), "inference-triton", "a further way in"),
    Case("response cache", triton("--cache-config=local,size=1048576"), "inference-triton", "in a cache"),
    Case("old response cache", triton("--response-cache-byte-size=1048576"), "inference-triton", "in a cache"),
    Case("trace of tensors", triton("--trace-config=level=TENSORS"), "inference-triton", "trace no TENSORS"),
    Case("trace by variable", triton("--trace-config=$(TRACE)"), "inference-triton", "trace no TENSORS"),
    Case("gRPC for all", triton(without="--grpc-address"), "inference-triton", "--grpc-address=127.0.0.1"),
    Case("gRPC opened afterwards", triton("--grpc-address=0.0.0.0"), "inference-triton", "--grpc-address=127.0.0.1"),
    Case("open HTTP", triton(without="--http-restricted-api"), "inference-triton", "restrict model-repository"),
    Case("open gRPC", triton(without="--grpc-restricted"), "inference-triton", "--grpc-restricted-protocol"),
    Case(
        "half of gRPC open",
        triton("--grpc-restricted-protocol=trace,logging:key=x", without="--grpc-restricted"),
        "inference-triton",
        "--grpc-restricted-protocol",
    ),
    Case(
        "no key",
        triton("--http-restricted-api=" + RESTRICTED.partition(":")[0], without="--http"),
        "inference-triton",
        "<header>",
    ),
    Case("option cut short", triton("--model-control=explicit"), "inference-triton", "write them in full"),
    Case(
        "value in a word of its own",
        triton("--grpc-address", "--http-port=8000"),
        "inference-triton",
        "write them in full",
    ),
    Case("value behind its option", triton("--http-port", "8000"), "inference-triton", "each option as one argument"),
    Case("option by variable", triton("$(MORE)"), "inference-triton", "each option as one argument"),
    Case(
        "started by a shell",
        triton(command=("sh", "-c", "exec tritonserver")),
        "inference-triton",
        "command: [tritonserver]",
    ),
    Case(
        "forbidden inside a shell",
        triton(command=("sh", "-c", "tritonserver --model-control-mode=poll")),
        "inference-triton",
        "load other models",
    ),
    Case(
        "Triton by the image's own command",
        workload(spec=pod_spec(container("triton")), labels={**LABELS, "app.kubernetes.io/name": "triton"}),
        "inference-triton",
        "command: [tritonserver]",
    ),
)
ACCEPTED = (
    Case("Triton", triton()),
    Case(
        "Triton with harmless values",
        triton("--log-verbose=0", "--trace-config=level=TIMESTAMPS", "--allow-gpu-metrics=false"),
    ),
    Case("Triton by its path", triton(command=("/opt/tritonserver/bin/tritonserver",))),
    Case("options of another program", workload(spec=pod_spec(container(args=["serve", "--port", "80"])))),
)
