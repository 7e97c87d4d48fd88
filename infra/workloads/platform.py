"""What is in the cluster before any workload: where it may run, what is refused there, who may do what, who signs."""

from dataclasses import dataclass

import pulumi

from infra.cluster import Cluster
from infra.config import StackConfig
from infra.context import Context
from infra.registry import ImageRepositories
from infra.workloads.access import Access
from infra.workloads.admission.component import AdmissionPolicies, AdmissionPoliciesArgs
from infra.workloads.certificates import CertificateAuthority
from infra.workloads.gpu.agents import GpuAgents, GpuAgentsArgs
from infra.workloads.namespaces import Namespaces, NamespacesArgs
from infra.workloads.priorities import Priorities
from infra.workloads.quotas import Quotas, QuotasArgs
from infra.workloads.storage_class import DefaultStorageClass, DefaultStorageClassArgs
from infra.workloads.triton import gpus_each


@dataclass(frozen=True)
class PlatformArgs:
    """The cluster, the registry of the only images that are admitted in it, and the key of its volumes."""

    context: Context
    config: StackConfig
    cluster: Cluster
    images: ImageRepositories
    volumes_key_arn: pulumi.Input[str]


class Platform(pulumi.ComponentResource):
    """Give it as a dependency to the workloads; its provider waits for the cluster's add-ons."""

    def __init__(self, name: str, args: PlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Platform", name, None, opts)
        config, here = args.config, pulumi.ResourceOptions(parent=self)
        spaces = Namespaces("namespaces", NamespacesArgs(config.kubernetes_version, config.auth.load_tested), here)
        inside = pulumi.ResourceOptions(parent=self, depends_on=[spaces])
        admission = AdmissionPolicies(
            "admission", AdmissionPoliciesArgs([args.images.prefix], config.gpu_sharing), inside
        )
        quotas = Quotas(
            "quotas",
            QuotasArgs(
                config.workloads, config.gpu_nodes, gpus_each(config.triton_accelerator), callers=config.auth.callers
            ),
            inside,
        )
        Priorities("priorities", here)
        # Deleted with the cluster and not before: a deployer who destroys the stack would take its own rights first.
        going_last = pulumi.ResourceOptions(deleted_with=args.cluster.control_plane)
        Access("access", load_tested=config.auth.load_tested, opts=pulumi.ResourceOptions.merge(inside, going_last))
        CertificateAuthority("certificate-authority", here)
        DefaultStorageClass("default-storage-class", DefaultStorageClassArgs(args.context, args.volumes_key_arn), here)
        GpuAgents(
            "gpu-agents",
            GpuAgentsArgs(args.images, config.gpu_sharing),
            pulumi.ResourceOptions(parent=self, depends_on=[spaces, admission, quotas]),
        )
        self.register_outputs({})
