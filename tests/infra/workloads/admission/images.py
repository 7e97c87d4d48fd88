"""Images are named by digest, and come from the stack's own registry."""

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import (
    DIGEST,
    IMAGE,
    KINDS,
    REGISTRY,
    Manifest,
    container,
    pod_spec,
    workload,
)


def _image(image: str) -> Manifest:
    return workload(spec=pod_spec(container(image=image)))


REFUSED = (
    *(
        Case(
            f"{kind} with a tag",
            workload(kind, pod_spec(container(image=f"{REGISTRY}probe:v1"))),
            "inference-images",
            "a tag",
        )
        for kind in KINDS
    ),
    Case("latest", _image(f"{REGISTRY}probe:latest"), "inference-images", "container probe: the image is `latest`"),
    Case("neither tag nor digest", _image(f"{REGISTRY}probe"), "inference-images", "`latest`"),
    Case("registry with a port, no tag", _image("registry.invalid:5000/probe"), "inference-images", "`latest`"),
    Case("digest cut short", _image(IMAGE[:-1]), "inference-images", "name it by digest"),
    Case("another registry", _image(f"docker.io/library/probe@{DIGEST}"), "inference-images", "publish or mirror"),
    Case(
        "another stack's registry",
        _image(f"{REGISTRY[:-1]}-other/probe@{DIGEST}"),
        "inference-images",
        "publish or mirror",
    ),
    Case(
        "init container",
        workload(spec=pod_spec(initContainers=[container("fetch", image="probe:latest")])),
        "inference-images",
        "container fetch",
    ),
)
ACCEPTED = (
    *(Case(kind, workload(kind)) for kind in KINDS),
    Case("tag and digest", _image(f"{REGISTRY}probe:v1@{DIGEST}")),
    Case(
        "tag in another namespace",
        {**_image("probe:latest"), "metadata": {"name": "admission-probe", "namespace": "default"}},
    ),
)
