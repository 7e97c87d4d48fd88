"""The table of resource types: each area of AWS in a file, an entry for each type."""

from collections.abc import Mapping

from local.aws.resource import Resource
from local.aws.resources import audit, cluster, compute, encryption, firewall, iam, network, registry, storage

RESOURCES: Mapping[str, Resource] = {
    resource.kind: resource
    for area in (network, firewall, compute, encryption, iam, cluster, storage, registry, audit)
    for resource in area.RESOURCES
}
"""Every resource type that the plugin answers for, by its token."""
