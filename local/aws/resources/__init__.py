"""The table of resource types: each area of AWS in a file, an entry for each type."""

from collections.abc import Mapping

from local.aws.resource import Resource
from local.aws.resources import (
    audit,
    backup,
    cluster,
    compute,
    detection,
    edge,
    encryption,
    firewall,
    iam,
    instances,
    listeners,
    monitoring,
    network,
    recorder,
    registry,
    resolver,
    scaling,
    storage,
    webacl,
)

RESOURCES: Mapping[str, Resource] = {
    resource.kind: resource
    for area in (
        network,
        firewall,
        compute,
        instances,
        encryption,
        iam,
        cluster,
        storage,
        registry,
        edge,
        listeners,
        webacl,
        resolver,
        scaling,
        audit,
        recorder,
        detection,
        monitoring,
        backup,
    )
    for resource in area.RESOURCES
}
"""Every resource type that the plugin answers for, by its token."""
