"""Pods, wherever they are described: in themselves, or in the template of what makes them."""

from infra.workloads.admission.policy import Resources

APP_LABEL = "app.kubernetes.io/name"

RESOURCES = (
    Resources("", ("pods", "pods/ephemeralcontainers", "replicationcontrollers")),
    Resources("apps", ("deployments", "statefulsets", "daemonsets", "replicasets")),
    Resources("batch", ("jobs", "cronjobs")),
)


def template(of: str) -> str:
    """CEL: metadata and spec of the pod that `of` (object or oldObject) is or makes.

    `dyn`, because the type checker knows each kind by itself and would miss the fields of the others in it.
    """
    return (
        f"(request.kind.kind == 'Pod' ? dyn({of}) : "
        f"request.kind.kind == 'CronJob' ? dyn({of}).spec.jobTemplate.spec.template : dyn({of}).spec.template)"
    )


def _pod(of: str) -> str:
    pod = template(of)
    return f"[{pod}.spec, {pod}.?metadata.?labels.orValue({{}}), {pod}.?metadata.?annotations.orValue({{}})]"


CONDITIONS = {
    # Controllers must be able to scale down, or finish, what was made before a policy: the pod that it describes is the same.
    "describes-another-pod": f"request.operation == 'CREATE' || {_pod('object')} != {_pod('oldObject')}",
}
VARIABLES = {
    "pod": template("object"),
    "spec": "variables.pod.spec",
    "app": f"variables.pod.?metadata.?labels[?'{APP_LABEL}'].orValue('')",
    "containers": "variables.spec.containers + variables.spec.?initContainers.orValue([]) + "
    "variables.spec.?ephemeralContainers.orValue([])",
    "volumes": "variables.spec.?volumes.orValue([])",
}


def containers(wrong: str) -> str:
    """CEL: names of the containers `c`, of every kind, for which `wrong` holds."""
    return f"variables.containers.filter(c, {wrong}).map(c, c.name)"
