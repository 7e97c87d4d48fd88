"""Auto Scaling groups: what joins one to a target group. The groups themselves belong to node groups of EKS."""

from local.aws.resource import Call, Resource, Template

_BOTH: dict[str, Template] = {
    "AutoScalingGroupName": "{autoscalingGroupName}",
    "TargetGroupARNs": ["{lbTargetGroupArn}"],
}

RESOURCES = (
    Resource(
        kind="aws:autoscaling/attachment:Attachment",
        service="autoscaling",
        id="{autoscalingGroupName}:{lbTargetGroupArn}",
        create=Call(operation="attach_load_balancer_target_groups", params=_BOTH),
        read=(
            Call(
                operation="describe_auto_scaling_groups",
                params={"AutoScalingGroupNames": ["{autoscalingGroupName}"]},
                result="AutoScalingGroups[0].TargetGroupARNs[?@=='{lbTargetGroupArn}'] | [0]",
            ),
        ),
        delete=Call(operation="detach_load_balancer_target_groups", params=_BOTH),
        outputs={"autoscalingGroupName": "{autoscalingGroupName}", "lbTargetGroupArn": "{lbTargetGroupArn}"},
    ),
)
