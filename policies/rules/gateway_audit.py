"""The gateway's own audit trail: what it may not lose."""

from policies.rules.pods import APP_LABEL, LONG_RUNNING, Pod
from policies.rules.resource import Properties, Resource
from policies.rules.rule import Findings, NotApplicable, Severity, links, resource_rule

FOLDER = "/var/log/audit"
OUTLET = "services.gateway.audit"
"""Module that the sidecar runs."""


@resource_rule(
    "gateway-audit-trail-kept",
    *LONG_RUNNING,
    severity=Severity.HIGH,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D)"),
    remediation=f"mount an emptyDir with a sizeLimit at {FOLDER} in the gateway's container and in a native sidecar that "
    f"runs {OUTLET}, from which the collector fetches.",
    link="https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/",
)
def gateway_audit_trail_kept(workload: Resource) -> Findings:
    """Audit records of the gateway lie on a bounded volume, from which a sidecar that outlives it brings them away."""
    pod = Pod(workload)
    if pod.app != "gateway":
        raise NotApplicable(f"applies to pods labelled {APP_LABEL}: gateway")
    volumes = {_audit_volume(item) for _, item in pod.containers("containers")}
    if not any(volumes):
        yield f"no container mounts a volume at {FOLDER}"
        return
    for name in sorted(filter(None, volumes)):
        if not _bounded(pod, name):
            yield f"volume {name} is no emptyDir with a sizeLimit"
        if not any(_offers(item, name) for _, item in pod.containers("initContainers")):
            yield f"no native sidecar runs {OUTLET} on volume {name}"


def _audit_volume(container: Properties) -> str:
    mounts = container.get("volumeMounts") or ()
    return next((str(item["name"]) for item in mounts if item.get("mountPath") == FOLDER), "")


def _bounded(pod: Pod, volume: str) -> bool:
    volumes = pod.spec.get("volumes") or ()
    return any(item["name"] == volume and (item.get("emptyDir") or {}).get("sizeLimit") for item in volumes)


def _offers(container: Properties, volume: str) -> bool:
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    return container.get("restartPolicy") == "Always" and OUTLET in words and _audit_volume(container) == volume
