"""The two providers, given explicitly to every component, so that nothing is made with ambient settings."""

from collections.abc import Sequence
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from infra.config import StackConfig


def tags(config: StackConfig) -> dict[str, str]:
    """Tags on every AWS resource: who answers for it and what it holds."""
    return {
        "owner": config.owner,
        "contact": config.contact,
        "environment": config.environment,
        "data-classification": "phi",
        "project": "inference",
        "managed-by": "pulumi",
    }


def aws_provider(config: StackConfig) -> aws.Provider:
    """AWS, in one region, with default tags; credentials come from the environment."""
    return aws.Provider("aws", region=config.region, default_tags=aws.ProviderDefaultTagsArgs(tags=tags(config)))


def kubernetes_provider(
    config: StackConfig, *, kubeconfig: pulumi.Input[str], after: Sequence[pulumi.Resource]
) -> kubernetes.Provider:
    """The cluster's API server, reached with the configured kubeconfig if there is one, else with `kubeconfig`.

    What is made through it waits for `after` with it, and goes before them: said once, and not by each resource.
    """
    return kubernetes.Provider(
        "kubernetes",
        kubeconfig=kubeconfig_of(config, generated=kubeconfig),
        # Credentials and addresses may change without the cluster being another one.
        cluster_identifier=config.name,
        enable_server_side_apply=True,
        # Those that do not say `immutable` change in place and under the pods that have them mounted: the issuer's keys.
        enable_config_map_mutable=True,
        opts=pulumi.ResourceOptions(depends_on=list(after)),
    )


def kubeconfig_of(config: StackConfig, *, generated: pulumi.Input[str]) -> pulumi.Input[str]:
    """Path of the configured kubeconfig, or the generated document."""
    configured: Path | None = config.kubeconfig
    return str(configured) if configured else generated
