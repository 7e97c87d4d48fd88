"""The whole stack: configuration, keys, network, cluster, stores, audit, workloads, edge, outputs."""

import pulumi

from infra.account_guards import AccountGuards
from infra.addons import Addons, AddonsArgs, NodeAgents, NodeAgentsArgs
from infra.audit.audit import Audit, AuditArgs
from infra.audit.log_archive import LogArchive, LogArchiveArgs
from infra.cluster import Cluster, ClusterArgs, cluster_role_name
from infra.config import load_config
from infra.context import Context
from infra.cost.meter import Meter
from infra.edge import Edge, EdgeArgs
from infra.encryption import Keys, KeysArgs
from infra.inherited_services import InheritedServices, InheritedServicesArgs
from infra.network import Network, NetworkArgs
from infra.nodepools import Capacity, NodePools, NodePoolsArgs
from infra.ordering import parts_wait_with_their_component
from infra.outputs import addresses, export, load_test
from infra.providers import aws_provider, kubeconfig_of, kubernetes_provider
from infra.registry import IMAGES, LOADTEST_IMAGE, ImageRepositories, ImageRepositoriesArgs
from infra.source_lines import write_source_lines
from infra.storage import ModelStore, ModelStoreArgs
from infra.tunnel import AdminTunnel, AdminTunnelArgs
from infra.workloads import namespaces
from infra.workloads.audit_collector import AuditDestination
from infra.workloads.aws_access import AwsApi
from infra.workloads.gateway import NODE_PORT
from infra.workloads.model_delivery import ModelSource
from infra.workloads.platform import Platform, PlatformArgs
from infra.workloads.serving import Serving, ServingArgs

write_source_lines()
parts_wait_with_their_component()
meter = Meter.watch()
config = load_config()
cloud = aws_provider(config)
context = Context.of(config, cloud)
inherited = config.inherited.services
on_aws = pulumi.ResourceOptions(providers=[cloud])

InheritedServices("inherited-services", InheritedServicesArgs(config.inherited))
AccountGuards("account-guards", on_aws)
keys = Keys("keys", KeysArgs(context, cluster_role=cluster_role_name(config.name)), on_aws)
network = Network(
    "network",
    NetworkArgs(
        context,
        cidr=config.vpc_cidr,
        zones=config.availability_zones,
        logs_key_arn=keys.logs_arn,
        client_cidrs=config.edge.client_cidrs,
        gateway_port=NODE_PORT,
        tunnel=config.admin_tunnel,
        inherited=inherited,
    ),
    on_aws,
)
archive = LogArchive("log-archive", LogArchiveArgs(context, keys.archive_arn, inherited), on_aws)
own_images = (*IMAGES, LOADTEST_IMAGE) if config.auth.load_tested else IMAGES
images = ImageRepositories(
    "image-repositories", ImageRepositoriesArgs(context, key_arn=keys.images_arn, images=own_images), on_aws
)
store = ModelStore(
    "model-store", ModelStoreArgs(context, keys.models_arn, archive.access_logs, config.model_repository), on_aws
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
addons = Addons(
    "addons",
    AddonsArgs(context, cluster, keys.volumes_arn, keys.logs_arn, inherited),
    pulumi.ResourceOptions(providers=[cloud], depends_on=[node_pools]),
)
audit = Audit(
    "audit",
    AuditArgs(
        context,
        archive,
        archive_key_arn=keys.archive_arn,
        logs_key_arn=keys.logs_arn,
        topics_key_arn=keys.topics_arn,
        backups_key_arn=keys.backups_arn,
        model_bucket_arn=store.bucket_arn,
        cluster_log_group=cluster.log_group,
        security_contact=config.security_contact,
    ),
    on_aws,
)

in_cluster = kubernetes_provider(config, kubeconfig=cluster.kubeconfig, after=[cluster, addons])
platform = Platform(
    "platform",
    PlatformArgs(context, config, cluster, images, keys.volumes_arn),
    pulumi.ResourceOptions(providers=[in_cluster]),
)
aws_api = AwsApi(
    context=context,
    issuer=cluster.issuer,
    endpoint_cidrs=network.endpoint_cidrs,
    aws_endpoint_url=config.aws_endpoint_url,
    aws_ca_bundle=config.aws_ca_bundle,
)
if config.image_digests:  # images can be pushed once their repositories exist, so a first update may come without
    Serving(
        "serving",
        ServingArgs(
            config,
            images,
            config.image_digests,
            ModelSource(aws_api, config.model_repository, store),
            AuditDestination(aws_api, archive.gateway.bucket, archive.gateway.arn, keys.archive_arn),
            network.edge_cidrs,
        ),
        pulumi.ResourceOptions(providers=[cloud, in_cluster], depends_on=[platform, store]),
    )
edge = Edge(
    "edge",
    EdgeArgs(
        context,
        vpc_id=network.vpc_id,
        subnet_ids=network.edge_subnet_ids,
        security_group_id=network.security_groups.edge_id,
        domain_name=config.edge.domain_name,
        certificate_arn=context.account.arn("acm", f"certificate/{config.edge.certificate_id}"),
        auto_scaling_groups=node_pools.system_auto_scaling_group_names,
        access_logs=archive.access_logs,
        logs_key_arn=keys.logs_arn,
    ),
    on_aws,
)
if security_group_id := network.security_groups.tunnel_id:
    subnet_id = network.node_subnet_ids[0]
    tunnel = AdminTunnel("tunnel", AdminTunnelArgs(context, subnet_id, security_group_id, keys.volumes_arn), on_aws)
    export({"tunnel_instance_id": tunnel.instance_id, "tunnel_user_policy_arn": tunnel.user_policy_arn})

export(
    {
        **addresses(config),
        **load_test(config, images),
        "edge_dns_name": edge.dns_name,
        "kubeconfig": kubeconfig_of(config, generated=cluster.kubeconfig),
        "cluster_kubeconfig": cluster.kubeconfig,
        "cluster_name": cluster.name,
        "region": config.region,
        "model_bucket": store.bucket,
        "image_repositories": images.urls,
        "vpc_id": network.vpc_id,
        "namespaces": [space.name for space in namespaces.spaces(load_tested=config.auth.load_tested)],
        "security_topic": audit.topic_arn,
        "auditor_policy_arn": audit.auditor_policy_arn,
        "monthly_cost_usd": meter.estimate(),
    }
)
