"""The whole stack: configuration, keys, network, cluster, storage, workloads, outputs."""

import pulumi

from infra.addons import Addons, AddonsArgs, NodeAgents, NodeAgentsArgs
from infra.cluster import Cluster, ClusterArgs, cluster_role_name
from infra.config import load_config
from infra.context import Context
from infra.encryption import Keys, KeysArgs
from infra.network import Network, NetworkArgs
from infra.nodepools import Capacity, NodePools, NodePoolsArgs
from infra.outputs import addresses, export
from infra.providers import aws_provider, kubeconfig_of, kubernetes_provider
from infra.registry import ImageRepositories, ImageRepositoriesArgs
from infra.storage import ModelStore, ModelStoreArgs
from infra.workloads import namespaces
from infra.workloads.fastapi_svc import FastApiService, FastApiServiceArgs
from infra.workloads.gateway import Gateway, GatewayArgs
from infra.workloads.model_delivery import ModelSource
from infra.workloads.namespaces import Namespaces
from infra.workloads.triton import Triton, TritonArgs

config = load_config()
cloud = aws_provider(config)
context = Context.of(config, cloud)
on_aws = pulumi.ResourceOptions(providers=[cloud])

keys = Keys("keys", KeysArgs(context, cluster_role=cluster_role_name(config.name)), on_aws)
network = Network(
    "network",
    NetworkArgs(context, cidr=config.vpc_cidr, zones=config.availability_zones, logs_key_arn=keys.logs_arn),
    on_aws,
)
cluster = Cluster(
    "cluster",
    ClusterArgs(
        context,
        version=config.kubernetes_version,
        subnet_ids=network.control_plane_subnet_ids,
        security_group_id=network.security_groups.control_plane_id,
        secrets_key_arn=keys.secrets_arn,
        logs_key_arn=keys.logs_arn,
        access_roles=config.access_roles.granted,
        viewer_namespaces=namespaces.NAMES,
    ),
    on_aws,
)
node_agents = NodeAgents("node-agents", NodeAgentsArgs(context, cluster), on_aws)
node_pools = NodePools(
    "node-pools",
    NodePoolsArgs(
        context,
        cluster,
        subnet_ids=network.node_subnet_ids,
        security_group_id=network.security_groups.nodes_id,
        volumes_key_arn=keys.volumes_arn,
        system=Capacity(config.system_instance_types, config.system_nodes),
        gpu=Capacity(config.gpu_instance_types, config.gpu_nodes, purchase=config.gpu_capacity),
    ),
    pulumi.ResourceOptions(providers=[cloud], depends_on=[node_agents, network]),
)
addons = Addons("addons", AddonsArgs(cluster), pulumi.ResourceOptions(providers=[cloud], depends_on=[node_pools]))
images = ImageRepositories("image-repositories", ImageRepositoriesArgs(context, key_arn=keys.images_arn), on_aws)
store = ModelStore("model-store", ModelStoreArgs(context, keys.models_arn, model=config.model_repository), on_aws)

in_cluster = kubernetes_provider(config, kubeconfig=cluster.kubeconfig)
spaces = Namespaces("namespaces", opts=pulumi.ResourceOptions(providers=[in_cluster], depends_on=[addons]))
deployed = pulumi.ResourceOptions(providers=[cloud, in_cluster], depends_on=[spaces, store])
model = ModelSource(
    context,
    config.model_repository,
    store,
    issuer=cluster.issuer,
    endpoint_cidrs=network.endpoint_cidrs,
    aws_endpoint_url=config.aws_endpoint_url,
    aws_ca_bundle=config.aws_ca_bundle,
)
size, digest = config.workloads, config.image_digests
fastapi_svc = FastApiService(
    "fastapi-svc",
    FastApiServiceArgs(images.image("fastapi-svc", digest.fastapi_svc), size.fastapi_svc, model),
    deployed,
)
triton = Triton(
    "triton",
    TritonArgs(images.image("triton", digest.triton), size.triton, config.triton_accelerator, model),
    deployed,
)
gateway = Gateway(
    "gateway",
    GatewayArgs(images.image("gateway", digest.gateway), size.gateway, config.auth, triton.balanced_url),
    deployed,
)

export(
    {
        **addresses(config),
        "kubeconfig": kubeconfig_of(config, generated=cluster.kubeconfig),
        "cluster_name": cluster.name,
        "model_bucket": store.bucket,
        "image_repositories": images.urls,
        "vpc_id": network.vpc_id,
        "namespaces": list(namespaces.NAMES),
    }
)
