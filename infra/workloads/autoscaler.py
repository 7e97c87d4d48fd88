"""How load changes the number of a workload's pods."""

import pulumi
from pulumi_kubernetes.autoscaling.v2 import (
    ContainerResourceMetricSourceArgs,
    CrossVersionObjectReferenceArgs,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehaviorArgs,
    HorizontalPodAutoscalerSpecArgs,
    HPAScalingPolicyArgs,
    HPAScalingRulesArgs,
    MetricSpecArgs,
    MetricTargetArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.config_types import WorkloadSize

CPU_TARGET_PERCENT = 70
"""Of the CPU request; the rest is for what comes in until another pod is ready.

CPU also for Triton on a GPU: it tokenises, batches and speaks gRPC on the CPU, which therefore grows with the requests
too, and CPU is what every cluster measures. It does not see a GPU that is busy while the CPU idles: for larger models
scale on Triton's queue time instead, which needs an adapter that serves it as a metric.
"""
_SETTLED_S = 300
_UP = HPAScalingRulesArgs(
    stabilization_window_seconds=0,
    select_policy="Max",
    policies=[
        HPAScalingPolicyArgs(type="Percent", value=100, period_seconds=15),
        HPAScalingPolicyArgs(type="Pods", value=2, period_seconds=15),
    ],
)
"""At once, and up to twice as many every 15 s: requests do not wait."""
_DOWN = HPAScalingRulesArgs(
    stabilization_window_seconds=_SETTLED_S,
    policies=[HPAScalingPolicyArgs(type="Pods", value=1, period_seconds=60)],
)
"""Only after five quiet minutes, and one pod a minute: a pod that goes has to be started, and its model fetched, again."""


def autoscaler(
    name: str, size: WorkloadSize, *, metadata: ObjectMetaArgs, deployment: pulumi.Input[str], parent: pulumi.Resource
) -> HorizontalPodAutoscaler:
    """Keeps the pods of `deployment` between `replicas` and `maxReplicas`; where both are one it holds that number.

    It looks at the container called `name`, so that an idle sidecar does not hide a busy server.
    """
    cpu = ContainerResourceMetricSourceArgs(
        name="cpu",
        container=name,
        target=MetricTargetArgs(type="Utilization", average_utilization=CPU_TARGET_PERCENT),
    )
    return HorizontalPodAutoscaler(
        name,
        metadata=metadata,
        spec=HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=CrossVersionObjectReferenceArgs(api_version="apps/v1", kind="Deployment", name=deployment),
            min_replicas=size.replicas,
            max_replicas=size.most_replicas,
            metrics=[MetricSpecArgs(type="ContainerResource", container_resource=cpu)],
            behavior=HorizontalPodAutoscalerBehaviorArgs(scale_up=_UP, scale_down=_DOWN),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
