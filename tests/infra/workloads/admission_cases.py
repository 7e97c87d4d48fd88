"""Objects that the API server has to refuse, each with the policy that does and a part of what it says; and some that it takes.

Each offender differs from an accepted neighbour in one thing, because of several policies any may be the first to refuse. For
any API server that has the policies, with `--dry-run=server` as nothing of this is meant to run. Workloads are Deployments
wherever Pod Security would be first to refuse the pod itself.
"""

from tests.infra.workloads.admission import (
    certificates,
    confinement,
    host,
    images,
    labels,
    namespaces,
    rbac,
    services,
    tokens,
    triton,
)

REFUSED = (
    *images.REFUSED,
    *host.REFUSED,
    *confinement.REFUSED,
    *labels.REFUSED,
    *tokens.REFUSED,
    *triton.REFUSED,
    *services.REFUSED,
    *rbac.REFUSED,
    *certificates.REFUSED,
    *namespaces.REFUSED,
)
ACCEPTED = (
    *images.ACCEPTED,
    *host.ACCEPTED,
    *confinement.ACCEPTED,
    *tokens.ACCEPTED,
    *triton.ACCEPTED,
    *services.ACCEPTED,
    *rbac.ACCEPTED,
    *certificates.ACCEPTED,
    *namespaces.ACCEPTED,
)
