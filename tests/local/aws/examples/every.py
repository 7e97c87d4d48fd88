"""Example inputs of every resource type of the table, and a change for each that can change in place."""

from collections.abc import Mapping

from tests.local.aws.examples import (
    audit,
    backup,
    cluster,
    detection,
    edge,
    encryption,
    identity,
    monitoring,
    network,
    recorder,
    storage,
)
from tests.local.aws.examples.common import Example

EXAMPLES: Mapping[str, Example] = {
    kind: example
    for area in (network, identity, cluster, storage, edge, audit, recorder, detection, monitoring, backup, encryption)
    for kind, example in area.EXAMPLES.items()
}
