"""Pods run from images that cannot change, within limits, with no credentials that they do not need."""

from policies.rules.pods import LONG_RUNNING, WORKLOADS, Pod
from policies.rules.resource import Resource
from policies.rules.rule import Findings, Severity, links, resource_rule

TOKEN_REASON = "inference/service-account-token"  # noqa: S105 - the name of an annotation


@resource_rule(
    "pod-read-only-root-filesystem",
    *WORKLOADS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(c)(1) 308(a)(5)(ii)(B)"),
    remediation="set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where the program writes.",
    link="https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
)
def pod_read_only_root_filesystem(workload: Resource) -> Findings:
    """Containers cannot change their own programs."""
    for where, container in Pod(workload).containers():
        if (container.get("securityContext") or {}).get("readOnlyRootFilesystem") is not True:
            yield f"{where} has no readOnlyRootFilesystem true"


@resource_rule(
    "pod-image-by-digest",
    *WORKLOADS,
    severity=Severity.HIGH,
    evidence=links(supporting="312(c)(1) 308(a)(5)(ii)(B)"),
    remediation="refer to the image as <repository>@sha256:<digest>.",
    link="https://kubernetes.io/docs/concepts/containers/images/#image-names",
)
def pod_image_by_digest(workload: Resource) -> Findings:
    """Images are named by what they contain, so that what was checked is what runs."""
    for where, container in Pod(workload).containers():
        _, at, digest = (container.get("image") or "").partition("@")
        if not at or not digest.startswith("sha256:") or len(digest) != 71:
            yield f"{where} runs {container.get('image') or 'no image'}, expected an image with @sha256:<digest>"


@resource_rule(
    "pod-service-account-token-not-mounted",
    *WORKLOADS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(1) 308(a)(4)(ii)(B)"),
    remediation="set automountServiceAccountToken to false; project a token with an audience where one is needed.",
    link="https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
)
def pod_service_account_token_not_mounted(workload: Resource) -> Findings:
    """Pods hold no credentials for the Kubernetes API that they did not ask for."""
    seen = Pod(workload).spec.get("automountServiceAccountToken")
    if seen is not False:
        yield f"automountServiceAccountToken is {'unset (true)' if seen is None else seen}, expected false"


@resource_rule(
    "pod-service-account-token-declared",
    *WORKLOADS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(1) 308(a)(4)(ii)(B)"),
    remediation=f"say in the pod's annotation {TOKEN_REASON} what the token is for, or take the token away.",
    link="https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
)
def pod_service_account_token_declared(workload: Resource) -> Findings:
    """A pod that asks for a token of its service account says why."""
    pod = Pod(workload)
    reason = str(pod.annotations.get(TOKEN_REASON) or "").strip()
    for volume in pod.spec.get("volumes") or ():
        sources = (volume.get("projected") or {}).get("sources") or ()
        if any(source.get("serviceAccountToken") for source in sources) and not reason:
            yield f"volume {volume.get('name')} holds a token, and annotation {TOKEN_REASON} is unset"


@resource_rule(
    "pod-resources-limited",
    *WORKLOADS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(7)(i)"),
    remediation="set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
    link="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
)
def pod_resources_limited(workload: Resource) -> Findings:
    """No container can starve the others on its node."""
    for where, container in Pod(workload).containers("initContainers", "containers"):
        resources = container.get("resources") or {}
        for group, name in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
            if not (resources.get(group) or {}).get(name):
                yield f"{where} has no resources.{group}.{name}"


@resource_rule(
    "pod-probes-present",
    *LONG_RUNNING,
    severity=Severity.LOW,
    evidence=links(supporting="308(a)(7)(i)"),
    remediation="give each container a readinessProbe and a livenessProbe.",
    link="https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
)
def pod_probes_present(workload: Resource) -> Findings:
    """A container that hangs is restarted, one that is not ready gets no requests."""
    for where, container in Pod(workload).long_running():
        for probe in ("readinessProbe", "livenessProbe"):
            if not container.get(probe):
                yield f"{where} has no {probe}"


@resource_rule(
    "pod-secrets-not-in-environment",
    *WORKLOADS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(1) 312(d)"),
    remediation="mount the Secret as a file and name the file in the environment.",
    link="https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
)
def pod_secrets_not_in_environment(workload: Resource) -> Findings:
    """Secrets are mounted as files, because an environment ends in dumps and logs."""
    for where, container in Pod(workload).containers():
        for item in container.get("env") or ():
            if (item.get("valueFrom") or {}).get("secretKeyRef"):
                yield f"{where} takes {item.get('name')} from a Secret"
        if any(item.get("secretRef") for item in container.get("envFrom") or ()):
            yield f"{where} takes its whole environment from a Secret"
