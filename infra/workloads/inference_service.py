"""One workload with everything around it, secure by default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.apps.v1 import (
    Deployment,
    DeploymentSpecArgs,
    DeploymentStrategyArgs,
    RollingUpdateDeploymentArgs,
)
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    EnvVarArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    Service,
    ServiceAccount,
    ServicePortArgs,
    ServiceSpecArgs,
    SleepActionArgs,
    TopologySpreadConstraintArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicySpecArgs,
)
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpecArgs

from infra.config_types import WorkloadSize
from infra.nodepools import GPU_LABEL, POOL_LABEL
from infra.workloads.autoscaler import autoscaler
from infra.workloads.pod import (
    Probes,
    container_ports,
    container_security_context,
    environment,
    gpu_toleration,
    pod_security_context,
    probe,
    recommended_labels,
    resources,
    scratch,
)

# Endpoints take a moment to forget a pod that is going; until then it goes on answering.
_DRAIN_S = 5
# And then it has this long for what is under way.
_FINISH_S = 40
# Longer than the slowest start (the gateway waits for Triton, whose image has to reach a new node), and shorter than the
# program's own patience: so it is Kubernetes that says the rollout stands still, and the program that repeats why.
_PROGRESS_DEADLINE_S = 840
_PATIENCE = pulumi.CustomTimeouts(create="15m", update="15m")


@dataclass(frozen=True)
class InferenceServiceArgs:
    """One workload. `ports` are named; `ingress` and `egress` are all the connections it gets besides DNS."""

    namespace: str
    component: str
    priority_class: str
    """Which pods have to make room when a node is full."""
    image: pulumi.Input[str]
    size: WorkloadSize
    ports: Mapping[str, int]
    probes: Probes
    command: Sequence[str] | None = None
    arguments: Sequence[str] | None = None
    env: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    field_env: Sequence[EnvVarArgs] = ()
    init_containers: Sequence[ContainerArgs] = ()
    sidecars: Sequence[ContainerArgs] = ()
    """Native sidecars: each is there before the workload's own container and goes after it."""
    sidecar_ports: Mapping[str, int] = field(default_factory=dict)
    """Ports of the Services that a sidecar listens at, by the names that it gives them."""
    drain_s: int = _DRAIN_S
    """Seconds for which a pod that is going still answers, because not everybody knows it yet."""
    sidecars_s: int = 0
    """Seconds that the sidecars may need when the workload's own container has ended."""
    volumes: Sequence[VolumeArgs] = ()
    mounts: Sequence[VolumeMountArgs] = ()
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    ingress: Sequence[NetworkPolicyIngressRuleArgs] = ()
    egress: Sequence[NetworkPolicyEgressRuleArgs] = ()
    node_ports: Mapping[str, int] = field(default_factory=dict)
    """Ports of `ports` that are reached from outside the cluster as well, each at this port of every node."""
    headless: bool = False
    """Also a Service that resolves to every pod that is ready, for clients that balance, and for whoever counts them."""
    gpus: int = 0


class InferenceService(pulumi.ComponentResource):
    """ServiceAccount without a token, Deployment, autoscaler, Services, disruption budget and NetworkPolicy."""

    def __init__(self, name: str, args: InferenceServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:InferenceService", name, None, opts)
        self._name, self._args = name, args
        self._here = pulumi.ResourceOptions(parent=self)
        self._selector = {"app.kubernetes.io/name": name}
        self._labels = recommended_labels(name, args.component)
        policy = self._network_policy()
        account = ServiceAccount(
            name, metadata=self._metadata(), automount_service_account_token=False, opts=self._here
        )
        deployment = self._deployment(account, after=policy)
        autoscaler(
            name, args.size, metadata=self._metadata(), deployment=deployment.metadata.name.apply(str), parent=self
        )
        self._service(name, headless=False)
        if args.headless:
            self._service(f"{name}-headless", headless=True)
        self._disruption_budget()
        self.register_outputs({})

    def _metadata(self, name: str | None = None) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=name or self._name, namespace=self._args.namespace, labels=self._labels)

    def _deployment(self, account: ServiceAccount, *, after: pulumi.Resource) -> Deployment:
        """States no replicas: they are the autoscaler's, and an update of the program must not undo what it decided."""
        args = self._args
        return Deployment(
            self._name,
            metadata=self._metadata(),
            spec=DeploymentSpecArgs(
                revision_history_limit=3,
                progress_deadline_seconds=_PROGRESS_DEADLINE_S,
                selector=LabelSelectorArgs(match_labels=self._selector),
                strategy=DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
                ),
                template=PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(labels=self._labels, annotations=dict(args.annotations)),
                    spec=self._pod(account),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after], custom_timeouts=_PATIENCE),
        )

    def _pod(self, account: ServiceAccount) -> PodSpecArgs:
        args, size, paths = self._args, self._args.size, self._args.probes
        temporary, temporary_mount = scratch("tmp", "/tmp", size_mib=64)  # noqa: S108 - a volume of the pod's own
        container = ContainerArgs(
            name=self._name,
            image=args.image,
            image_pull_policy="IfNotPresent",
            command=args.command,
            args=args.arguments,
            env=[*args.field_env, *environment(args.env)],
            ports=container_ports(args.ports),
            resources=resources(
                cpu_millis=size.cpu_millis,
                cpu_limit_millis=size.cpu_limit_millis,
                memory_mib=size.memory_mib,
                gpus=args.gpus,
            ),
            security_context=container_security_context(),
            volume_mounts=[temporary_mount, *args.mounts],
            termination_message_policy="FallbackToLogsOnError",
            lifecycle=LifecycleArgs(pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=args.drain_s))),
            # Until the start probe passes, the other two wait.
            startup_probe=probe(paths, paths.start, period_s=2, failures=paths.start_timeout_s // 2),
            readiness_probe=probe(paths, paths.ready, period_s=5, failures=2),
            liveness_probe=probe(paths, paths.live, period_s=10, failures=3),
        )
        return PodSpecArgs(
            service_account_name=account.metadata.name,
            priority_class_name=args.priority_class,
            automount_service_account_token=False,
            # Service links would put variables like GATEWAY_PORT where the workloads look for settings.
            enable_service_links=False,
            security_context=pod_security_context(),
            init_containers=[*args.init_containers, *args.sidecars],
            containers=[container],
            volumes=[temporary, *args.volumes],
            node_selector={GPU_LABEL: "true"} if args.gpus else {POOL_LABEL: "system"},
            tolerations=[gpu_toleration()] if args.gpus else [],
            topology_spread_constraints=[self._spread(key) for key in _SPREAD_OVER],
            termination_grace_period_seconds=args.drain_s + _FINISH_S + args.sidecars_s,
        )

    def _spread(self, key: str) -> TopologySpreadConstraintArgs:
        return TopologySpreadConstraintArgs(
            max_skew=1,
            topology_key=key,
            when_unsatisfiable="ScheduleAnyway",
            label_selector=LabelSelectorArgs(match_labels=self._selector),
            # Each version by itself, or the pods of the old one would push those of the new one together.
            match_label_keys=["pod-template-hash"],
        )

    def _service(self, name: str, *, headless: bool) -> None:
        node_ports = {} if headless else self._args.node_ports
        Service(
            name,
            metadata=self._metadata(name),
            spec=ServiceSpecArgs(
                type="NodePort" if node_ports else "ClusterIP",
                # A node leads to its own pods only, so that the policies see the caller's address and not the node's.
                external_traffic_policy="Local" if node_ports else None,
                cluster_ip="None" if headless else None,
                selector=self._selector,
                ports=[
                    ServicePortArgs(name=port, port=number, target_port=port, node_port=node_ports.get(port))
                    for port, number in {**self._args.ports, **self._args.sidecar_ports}.items()
                ],
            ),
            opts=self._here,
        )

    def _disruption_budget(self) -> None:
        """At most one pod goes at a time; with one replica a drain may take it, or no node could be replaced.

        A pod that is not ready may always go: it serves nobody, and must not keep a broken node.
        """
        PodDisruptionBudget(
            self._name,
            metadata=self._metadata(),
            spec=PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                unhealthy_pod_eviction_policy="AlwaysAllow",
                selector=LabelSelectorArgs(match_labels=self._selector),
            ),
            opts=self._here,
        )

    def _network_policy(self) -> NetworkPolicy:
        return NetworkPolicy(
            self._name,
            metadata=self._metadata(),
            spec=NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(match_labels=self._selector),
                policy_types=["Ingress", "Egress"],
                ingress=list(self._args.ingress),
                egress=list(self._args.egress),
            ),
            opts=self._here,
        )


_SPREAD_OVER = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
