"""The estimate follows from what a program registers; the expected sums are worked by hand from AWS's price pages."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks, set_mocks

from infra.cost.meter import Meter
from local.program import run_settled
from tests.infra.conftest import Program


class Preview(Mocks):
    """No resource has an output before the update."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        return "", dict(args.inputs)

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]]]:
        raise NotImplementedError(args.token)


def estimate(program: Callable[[], object]) -> dict[str, Any]:
    """What a meter says about a preview of `program`."""
    found: list[pulumi.Output[dict[str, Any]]] = []

    def metered() -> None:
        meter = Meter.watch()
        program()
        found.append(meter.estimate())

    with _loop() as loop:
        set_mocks(Preview(), project="inference", stack="test", preview=True)
        loop.run_until_complete(run_settled(metered))
        return loop.run_until_complete(found[0].future()) or {}


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop for Pulumi, and one for each thread of its executor, which Pulumi would open itself and leave open."""
    loops = [asyncio.new_event_loop()]

    def in_thread() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    asyncio.set_event_loop(loops[0])
    loops[0].set_default_executor(ThreadPoolExecutor(initializer=in_thread))
    try:
        yield loops[0]
    finally:
        loops[0].run_until_complete(loops[0].shutdown_default_executor())
        for loop in loops:
            loop.close()
        asyncio.set_event_loop(None)


def unknown() -> pulumi.Output[Any]:
    """A value that nobody knows before the update."""
    value, is_known = asyncio.Future[Any](), asyncio.Future[bool]()
    value.set_result(None)
    is_known.set_result(False)
    return pulumi.Output(set(), value, is_known)


def node_group(nodes: pulumi.Input[int], *types: str) -> None:
    """A node group with a root volume of 50 GB and detailed monitoring."""
    template = aws.ec2.LaunchTemplate(
        "system-template",
        block_device_mappings=[
            aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                device_name="/dev/xvda",
                ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(volume_size=50, kms_key_id=unknown()),
            )
        ],
        monitoring=aws.ec2.LaunchTemplateMonitoringArgs(enabled=True),
    )
    aws.eks.NodeGroup(
        "system-pool",
        cluster_name="c",
        node_role_arn="r",
        subnet_ids=["s"],
        instance_types=list(types),
        scaling_config=aws.eks.NodeGroupScalingConfigArgs(min_size=0, desired_size=nodes, max_size=9),
        launch_template=aws.eks.NodeGroupLaunchTemplateArgs(id=template.id, version="1"),
    )


def test_nodes_cost_machine_volume_and_metrics() -> None:
    """Three m6i.large for 730 hours at $0.096, 50 GB at $0.08 each, seven metrics at $0.30 each."""
    found = estimate(lambda: node_group(3, "m6i.large"))
    assert found["by_part"] == {"nodes: system": round(3 * (730 * 0.096 + 50 * 0.08 + 7 * 0.30), 2)}
    assert found["total"] == 228.54


def test_nodes_of_several_types_cost_the_dearest() -> None:
    """Whichever type EKS picks, the bill is no higher: m6a.large at $0.0864 does not lower it."""
    assert estimate(lambda: node_group(1, "m6a.large", "m6i.large")) == estimate(lambda: node_group(1, "m6i.large"))


def test_a_pool_that_is_scaled_to_zero_costs_nothing() -> None:
    """GPUs cost nothing while nobody wants them."""
    assert estimate(lambda: node_group(0, "g4dn.xlarge"))["total"] == 0


def test_an_endpoint_costs_in_each_zone_and_a_gateway_nothing() -> None:
    """Two zones at $0.01 an hour, although their ids are not known yet."""

    def endpoints() -> None:
        aws.ec2.VpcEndpoint("s3", vpc_id="v", service_name="s3", vpc_endpoint_type="Gateway")
        aws.ec2.VpcEndpoint(
            "sts", vpc_id="v", service_name="sts", vpc_endpoint_type="Interface", subnet_ids=[unknown(), unknown()]
        )

    assert estimate(endpoints)["by_part"] == {"interface endpoints": 14.60}


def test_the_control_plane_keys_and_load_balancer_have_fixed_prices() -> None:
    """$0.10 an hour, $1 a month, $0.0225 an hour."""

    def program() -> None:
        aws.eks.Cluster("cluster", role_arn="r", vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=["s"]))
        aws.kms.Key("one")
        aws.kms.Key("two")
        aws.lb.LoadBalancer("edge", load_balancer_type="application")

    assert estimate(program)["by_part"] == {"control plane": 73.0, "load balancer": round(730 * 0.0225, 2), "keys": 2.0}


def test_a_web_acl_costs_by_its_rules() -> None:
    """$5 and $1 for each of two rules, however little is known of them."""

    def program() -> None:
        aws.wafv2.WebAcl(
            "firewall",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            visibility_config=_visibility(),
            rules=[
                aws.wafv2.WebAclRuleArgs(
                    name=unknown(),
                    priority=number,
                    statement=aws.wafv2.WebAclRuleStatementArgs(),
                    visibility_config=_visibility(),
                )
                for number in (1, 2)
            ],
        )

    def _visibility() -> Any:
        return aws.wafv2.WebAclVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True, metric_name="m", sampled_requests_enabled=False
        )

    assert estimate(program)["by_part"] == {"web firewall": 7.0}


def test_an_alarm_costs_by_the_metrics_that_it_watches() -> None:
    """One at $0.10; one on an expression over two metrics at $0.20."""

    def program() -> None:
        aws.cloudwatch.MetricAlarm(
            "plain", name="plain", comparison_operator="GreaterThanThreshold", evaluation_periods=1, metric_name="m"
        )
        metric = aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(metric_name="m", period=60, stat="Sum")
        aws.cloudwatch.MetricAlarm(
            "ratio",
            name="ratio",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            metric_queries=[
                aws.cloudwatch.MetricAlarmMetricQueryArgs(id="ratio", expression="a / b", return_data=True),
                aws.cloudwatch.MetricAlarmMetricQueryArgs(id="a", metric=metric),
                aws.cloudwatch.MetricAlarmMetricQueryArgs(id="b", metric=metric),
            ],
        )

    assert estimate(program)["by_part"] == {"alarms": 0.30}


def test_a_metric_filter_costs_where_its_metric_always_has_a_value() -> None:
    """With a default it reports while it finds nothing; without one it costs nothing while nothing happens."""

    def program() -> None:
        for name, default in (("quiet", None), ("always", "0")):
            transformation = aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                name=name, namespace="n", value="1", default_value=default
            )
            aws.cloudwatch.LogMetricFilter(name, log_group_name="g", pattern="", metric_transformation=transformation)

    assert estimate(program)["by_part"] == {"alarms": 0.30}


def test_an_instance_costs_machine_and_volume() -> None:
    """A t3.nano at $0.0052 an hour with 8 GB at $0.08."""

    def program() -> None:
        aws.ec2.Instance(
            "tunnel",
            instance_type="t3.nano",
            root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(volume_size=8, kms_key_id=unknown()),
        )

    assert estimate(program)["by_part"] == {"instance: tunnel": round(730 * 0.0052 + 0.64, 2)}


def test_what_is_not_known_yet_is_named_and_the_rest_is_counted() -> None:
    """An unknown number of nodes stops no preview."""

    def program() -> None:
        node_group(unknown(), "m6i.large")
        aws.kms.Key("key")

    found = estimate(program)
    assert found["total"] == 1.0
    assert found["not_counted"] == ["aws:eks/nodeGroup:NodeGroup system-pool"]


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (lambda: aws.ec2.NatGateway("way-out", subnet_id="s"), "aws:ec2/natGateway:NatGateway way-out"),
        (lambda: node_group(1, "z9.huge"), "aws:eks/nodeGroup:NodeGroup system-pool"),
    ],
)
def test_what_has_no_price_is_named(program: Callable[[], object], name: str) -> None:
    """A fork that adds a type, or takes another machine, sees that the list lacks it."""
    assert estimate(program)["not_counted"] == [name]


def test_the_example_stacks_are_counted_whole(program: Program) -> None:
    """Nothing that they make lacks a price, and the estimate says for when and where it holds."""
    found = program.exports["monthly_cost_usd"]
    assert found["not_counted"] == []
    assert found["total"] == pytest.approx(sum(found["by_part"].values()), abs=0.05)
    assert {"control plane", "keys", "interface endpoints", "nodes: system", "nodes: gpu"} <= set(found["by_part"])
    assert (found["at"], found["prices_of"]) == ("desired node counts", "us-east-1")
