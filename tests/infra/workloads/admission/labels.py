"""Everything says whose it is. What keeps to it are the workloads of every other policy."""

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import LABELS, service, workload


def _without(key: str) -> dict[str, str]:
    return {name: value for name, value in LABELS.items() if name != key}


REFUSED = (
    *(
        Case(f"no {key}", workload(labels=_without(key)), "inference-labels", f"label {key}: it is missing")
        for key in LABELS
        if not key.endswith("/name")  # the selector needs that one
    ),
    Case(
        "Pod without a name",
        workload("Pod", labels=_without("app.kubernetes.io/name")),
        "inference-labels",
        "missing",
    ),
    Case(
        "no label of its own",
        workload(own_labels={}),
        "inference-labels",
        "app.kubernetes.io/managed-by: it is missing",
    ),
    Case(
        "CronJob", workload("CronJob", labels={"app.kubernetes.io/name": "probe"}), "inference-labels", "it is missing"
    ),
    Case(
        "another part",
        workload(labels={**LABELS, "app.kubernetes.io/part-of": "other"}),
        "inference-labels",
        "part-of: other",
    ),
    Case(
        "Service",
        {**service(), "metadata": {"name": "admission-probe", "namespace": "gateway"}},
        "inference-labels",
        "it is missing",
    ),
)
