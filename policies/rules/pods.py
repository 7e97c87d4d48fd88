"""Pods inside the resources that make them, and the label selectors that choose them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.rules.resource import Properties, Resource

LONG_RUNNING = (
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:ReplicaSet",
)
WORKLOADS = (*LONG_RUNNING, "kubernetes:batch/v1:Job", "kubernetes:batch/v1:CronJob", "kubernetes:core/v1:Pod")
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
APP_LABEL = "app.kubernetes.io/name"


@dataclass(frozen=True)
class Pod:
    """The pod that a workload describes. What a rule does not ask for is not read, and so is no evidence."""

    workload: Resource

    @property
    def namespace(self) -> str:
        """`default` where none is set, as in Kubernetes."""
        return self.workload.block("metadata").get("namespace") or "default"

    @property
    def labels(self) -> Mapping[str, Any]:
        """The pod's own labels, not the workload's."""
        return (self._template.get("metadata") or {}).get("labels") or {}

    @property
    def annotations(self) -> Mapping[str, Any]:
        """The pod's own annotations, not the workload's."""
        return (self._template.get("metadata") or {}).get("annotations") or {}

    @cached_property
    def spec(self) -> Properties:
        """The pod's specification."""
        return self._template.get("spec") or {}

    @cached_property
    def _template(self) -> Properties:
        spec = self.workload.block("spec")
        if self.workload.type.endswith(":CronJob"):
            spec = (spec.get("jobTemplate") or {}).get("spec") or {}
        return self.workload.props if self.workload.type.endswith(":Pod") else spec.get("template") or {}

    @property
    def app(self) -> str:
        """Which application it says it is; empty where it says nothing."""
        return str(self.labels.get(APP_LABEL) or "")

    def containers(self, *kinds: str) -> Iterator[tuple[str, Properties]]:
        """Containers with their place in the spec (`initContainers[fetch]`); of every kind unless kinds are named."""
        for kind in kinds or ("initContainers", "containers", "ephemeralContainers"):
            for item in self.spec.get(kind) or ():
                yield f"{kind}[{item.get('name', '?')}]", item

    def long_running(self) -> Iterator[tuple[str, Properties]]:
        """Containers that stay, native sidecars too: init containers that are restarted."""
        for where, item in self.containers("initContainers", "containers"):
            if where.startswith("containers") or item.get("restartPolicy") == "Always":
                yield where, item


def selects(selector: Properties | None, labels: Mapping[str, Any]) -> bool:
    """Whether a label selector chooses these labels; an empty selector chooses everything."""
    wanted = (selector or {}).get("matchLabels") or {}
    expressions: Sequence[Properties] = (selector or {}).get("matchExpressions") or ()
    return all(labels.get(key) == wanted[key] for key in wanted) and all(_holds(item, labels) for item in expressions)


def _holds(expression: Properties, labels: Mapping[str, Any]) -> bool:
    value = labels.get(expression["key"])
    operator = expression["operator"]
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    chosen = value is not None and value in (expression.get("values") or ())
    return chosen if operator == "In" else not chosen


def variable(container: Properties, name: str) -> str | None:
    """The literal value of one environment variable, empty where it comes from elsewhere; None where it is not set."""
    return next((item.get("value") or "" for item in container.get("env") or () if item["name"] == name), None)


def command_line(pod: Pod) -> list[str]:
    """The words of every long-running container's command and arguments."""
    return [word for _, item in pod.long_running() for part in ("command", "args") for word in item.get(part) or ()]


def flags(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Long options with their values, written `--name=value` or `--name value`; empty where an option has none."""
    for index, word in enumerate(words):
        if not word.startswith("--"):
            continue
        name, equals, value = word.partition("=")
        following = words[index + 1] if index + 1 < len(words) else ""
        yield name, value if equals or following.startswith("-") else following
