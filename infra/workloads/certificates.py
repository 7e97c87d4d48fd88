"""Certificates inside the cluster: an authority of its own, and one short-lived certificate for each server.

cert-manager issues and renews them; a Secret's volume brings a renewed one into the pods, which read it while they run.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import SecretVolumeSourceArgs, VolumeArgs, VolumeMountArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

AUTHORITY = "inference-ca"
BOOTSTRAP = "inference-bootstrap"
CERT_MANAGER = "cert-manager"
"""Namespace of cert-manager, which alone reads the authority's key there."""
MOUNT_PATH = "/etc/tls"
SERVER, CLIENT = "server auth", "client auth"
_API = "cert-manager.io/v1"
_VOLUME = "tls"
_YEAR_H = 365 * 24
_READY = {"pulumi.com/waitFor": "condition=Ready"}
_KEY = {"algorithm": "ECDSA", "size": 256, "encoding": "PKCS8"}
_LABELS = {"app.kubernetes.io/part-of": "inference", "app.kubernetes.io/managed-by": "pulumi"}


class CertificateAuthority(pulumi.ComponentResource):
    """The ClusterIssuer `inference-ca`, whose key never leaves cert-manager's namespace.

    Its certificate is good for five years and renewed a year before the end, with the same key and name. So what the old
    one signed verifies with the new one and the other way round, and pods may learn of it in any order; each has it with
    its own next renewal, within days. To change the key (after a loss, or once in a few years) delete the Secret
    `inference-ca` and then those of the servers: cert-manager makes all of them anew, and until every pod has read its own
    (two minutes), connections between an old and a new one fail.
    """

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:CertificateAuthority", name, None, opts)
        first = self._issuer(BOOTSTRAP, {"selfSigned": {}}, after=[])
        own = CustomResource(
            AUTHORITY,
            api_version=_API,
            kind="Certificate",
            metadata=ObjectMetaArgs(name=AUTHORITY, namespace=CERT_MANAGER, labels=_labels(), annotations=_READY),
            spec={
                "isCA": True,
                "commonName": AUTHORITY,
                "secretName": AUTHORITY,
                "secretTemplate": {"labels": _labels()},
                "duration": f"{5 * _YEAR_H}h",
                "renewBefore": f"{_YEAR_H}h",
                "privateKey": {**_KEY, "rotationPolicy": "Never"},
                "usages": ["cert sign", "crl sign"],
                "issuerRef": _issued_by(BOOTSTRAP),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[first]),
        )
        self._issuer(AUTHORITY, {"ca": {"secretName": AUTHORITY}}, after=[own])
        self.register_outputs({})

    def _issuer(self, name: str, spec: Mapping[str, Any], *, after: Sequence[pulumi.Resource]) -> CustomResource:
        return CustomResource(
            f"{name}-issuer",
            api_version=_API,
            kind="ClusterIssuer",
            metadata=ObjectMetaArgs(name=name, labels=_labels(), annotations=_READY),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )


def leaf(
    workload: str, *, namespace: str, names: Sequence[str], usages: Sequence[str], opts: pulumi.ResourceOptions
) -> VolumeArgs:
    """Makes the Certificate `<workload>-tls` for DNS names, and returns the volume of its Secret; mount it with `mount`.

    Good for 30 days, with a new key after 20: ten days are left for somebody to notice that renewing fails.
    """
    name = f"{workload}-tls"
    certificate = CustomResource(
        name,
        api_version=_API,
        kind="Certificate",
        metadata=ObjectMetaArgs(name=name, namespace=namespace, labels=_labels(workload), annotations=_READY),
        spec={
            "secretName": name,
            "secretTemplate": {"labels": _labels(workload)},
            "duration": f"{30 * 24}h",
            "renewBefore": f"{10 * 24}h",
            "privateKey": {**_KEY, "rotationPolicy": "Always"},
            "usages": ["digital signature", *usages],
            "dnsNames": list(names),
            "issuerRef": _issued_by(AUTHORITY),
        },
        opts=opts,
    )
    # By way of the resource, so that no pod is made before its Secret; and of its URN, which a preview knows.
    secret = SecretVolumeSourceArgs(secret_name=certificate.urn.apply(lambda _: name), default_mode=0o440)
    return VolumeArgs(name=_VOLUME, secret=secret)


def mount() -> VolumeMountArgs:
    """Where a container finds tls.crt, tls.key and ca.crt."""
    return VolumeMountArgs(name=_VOLUME, mount_path=MOUNT_PATH, read_only=True)


def service_names(service: str, namespace: str) -> list[str]:
    """Every name by which a Service of the cluster may be called, the shortest last."""
    return [
        f"{service}.{namespace}.svc.cluster.local",
        f"{service}.{namespace}.svc",
        f"{service}.{namespace}",
        service,
    ]


def _issued_by(issuer: str) -> dict[str, str]:
    return {"name": issuer, "kind": "ClusterIssuer", "group": "cert-manager.io"}


def _labels(workload: str | None = None) -> dict[str, str]:
    return {**_LABELS, "app.kubernetes.io/name": workload or AUTHORITY}
