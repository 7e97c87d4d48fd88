"""The two providers, given explicitly to every component, so that nothing is made with ambient settings."""

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


def kubernetes_provider(config: StackConfig, *, kubeconfig: pulumi.Input[str]) -> kubernetes.Provider:
    """The cluster's API server, reached with the configured kubeconfig if there is one, else with `kubeconfig`."""
    return kubernetes.Provider(
        "kubernetes",
        kubeconfig=kubeconfig_of(config, generated=kubeconfig),
        # Credentials and addresses may change without the cluster being another one.
        cluster_identifier=config.name,
        enable_server_side_apply=True,
    )


def kubeconfig_of(config: StackConfig, *, generated: pulumi.Input[str]) -> pulumi.Input[str]:
    """Path of the configured kubeconfig, or the generated document."""
    configured: Path | None = config.kubeconfig
    return str(configured) if configured else generated
