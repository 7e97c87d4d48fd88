"""One EKS add-on, at the version that goes with the cluster."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.addons.versions import VERSIONS
from infra.cluster import Cluster


def install(
    addon: str,
    cluster: Cluster,
    *,
    parent: pulumi.Resource,
    configuration: Mapping[str, Any] | None = None,
    role_arn: pulumi.Input[str] | None = None,
    depends_on: Sequence[pulumi.Resource] = (),
) -> None:
    """Installs `addon`; `configuration` follows its schema (`aws eks describe-addon-configuration`).

    Without `role_arn` its pods get no AWS identity of their own.
    """
    aws.eks.Addon(
        addon,
        addon_name=addon,
        cluster_name=cluster.name,
        addon_version=VERSIONS[cluster.version][addon],
        configuration_values=json.dumps(configuration) if configuration else None,
        service_account_role_arn=role_arn,
        # What was changed by hand in the cluster gives way to what is written here.
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on)),
    )
