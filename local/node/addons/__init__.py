"""What the node brings into the cluster before any workload, as add-ons do on EKS: one YAML file a part, filled in here."""

import base64
from collections.abc import Mapping
from pathlib import Path
from string import Template

from local.node import api, audit, identities, kubectl
from local.node.addresses import API_SERVER, CLUSTER_DOMAIN, DNS_ADDRESS, KUBELET, NODE_NAME
from local.node.identities import Credentials
from local.node.image import ProgramImage
from local.node.layout import Layout, NodeTools

_PARTS = Path(__file__).parent
_IN_PODS = ("coredns", "cert-manager", "metrics-server", "audit-log")
_AWAITED = ("kube-system/deployments/coredns", "cert-manager/deployments/cert-manager")


def images(tools: NodeTools) -> dict[str, ProgramImage]:
    """The image of each add-on, by its name."""
    return {name: ProgramImage(name=name, program=tools(name)) for name in _IN_PODS}


def apply(layout: Layout, credentials: Credentials, tools: NodeTools, references: Mapping[str, str]) -> None:
    """Bring them into the cluster; idempotent. `references` names the images, which must be stored already.

    By the server, because the client would copy the TLS key and the definitions of certificates into annotations.
    """
    definitions = sorted(tools("cert-manager").parent.glob("*.yaml"))
    files = [f"--filename={path}" for path in (*definitions, "-")]
    kubectl.run(
        layout,
        *("apply", "--server-side", "--force-conflicts", *files),
        stdin=manifest(layout, credentials, references),
        what="the node's add-ons",
    )


def manifest(layout: Layout, credentials: Credentials, references: Mapping[str, str]) -> str:
    """Every part as one stream of YAML documents; an image's place in them is `${<name>_image}` with underscores."""
    values = {f"{name.replace('-', '_')}_image": reference for name, reference in references.items()}
    values |= {
        "domain": CLUSTER_DOMAIN,
        "dns_address": DNS_ADDRESS,
        "api_server_address": API_SERVER.address,
        "api_server_port": str(API_SERVER.port),
        "kubelet_port": str(KUBELET.port),
        "node_name": NODE_NAME,
        "audit_directory": str(layout.audit_log.parent),
        "audit_group": str(audit.GROUP),
        "authority": _encoded(credentials.authority.certificate),
        "metrics_certificate": _encoded(credentials.certificate(identities.METRICS_SERVER)),
        "metrics_key": _encoded(credentials.key(identities.METRICS_SERVER)),
    }
    return "---\n".join(Template(part.read_text()).substitute(values) for part in sorted(_PARTS.glob("*.yaml")))


def available(client: api.Client) -> bool:
    """Whether those are up that every workload needs at once. metrics-server has nothing to say in its first half minute."""
    paths = (f"/apis/apps/v1/namespaces/{deployment}" for deployment in _AWAITED)
    return all(api.condition(client.read(path), "Available").get("status") == "True" for path in paths)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
