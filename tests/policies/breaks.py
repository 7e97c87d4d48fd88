"""For every rule: properties of the compliant stack that, changed one at a time, must make it fire."""

from dataclasses import dataclass
from typing import Any

from tests.policies.world import REMOVE, PropertyPath, World, change

POD: PropertyPath = ("spec", "template", "spec")
FIRST: PropertyPath = (*POD, "containers", 0)
INIT: PropertyPath = (*POD, "initContainers", 0)
PEER: PropertyPath = ("spec", "ingress", 0, "from", 0)
GATEWAY, TRITON = "gateway-deployment", "triton"
EVERYBODY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'
FEDERATED = (
    '{"Statement": [{"Effect": "Allow", "Principal": {"Federated": "x"}, "Action": "sts:AssumeRoleWithWebIdentity", '
    '"Condition": {"StringEquals": {"issuer:aud": "sts.amazonaws.com"}}}]}'
)
ALLOW_ALL = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
ALLOW_S3 = '{"Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "s3:*"], "Resource": "*"}}'
OPEN_KEY = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}}'
NO_DENY = '{"Statement": []}'


@dataclass(frozen=True)
class Break:
    """One change (`name`, `path`, `value`), the rule that must fire, and on which resource if not the changed one."""

    rule: str
    name: str
    path: PropertyPath = ()
    value: Any = REMOVE
    on: str = ""

    @property
    def subject(self) -> str:
        """The resource that the violation names."""
        return self.on or self.name

    def apply(self, world: World) -> None:
        """Break this world."""
        if self.path and self.path[0] == "new":
            world.append({"name": self.name, "from": {}, **self.value})
        else:
            change(world, self.name, self.path, self.value)


BREAKS = (
    Break("eks-cluster-endpoint-private", "cluster", ("vpcConfig", "endpointPublicAccess"), True),
    Break("eks-cluster-endpoint-private", "cluster", ("vpcConfig", "endpointPublicAccess")),
    Break("eks-cluster-endpoint-private", "cluster", ("vpcConfig", "endpointPrivateAccess"), False),
    Break("eks-cluster-secrets-encrypted", "cluster", ("encryptionConfig",)),
    Break("eks-cluster-secrets-encrypted", "cluster", ("encryptionConfig", "provider")),
    Break("eks-cluster-secrets-encrypted", "cluster", ("encryptionConfig", "resources"), []),
    Break("eks-cluster-logs-enabled", "cluster", ("enabledClusterLogTypes", 1)),
    Break("eks-cluster-logs-enabled", "cluster", ("enabledClusterLogTypes",)),
    Break("eks-access-entries-only", "cluster", ("accessConfig", "authenticationMode"), "API_AND_CONFIG_MAP"),
    Break("eks-access-entries-only", "cluster", ("accessConfig", "bootstrapClusterCreatorAdminPermissions")),
    Break("eks-node-group-launch-template", "nodes", ("launchTemplate",)),
    Break("eks-node-group-launch-template", "nodes", ("remoteAccess",), {"ec2SshKey": "key"}),
    Break("ebs-encryption-by-default", "ebs", on="nodes"),
    Break("ebs-encryption-by-default", "ebs", ("enabled",), False, on="nodes"),
    Break("launch-template-imdsv2-required", "template", ("metadataOptions", "httpTokens"), "optional"),
    Break("launch-template-imdsv2-required", "template", ("metadataOptions", "httpPutResponseHopLimit"), 2),
    Break("launch-template-volumes-encrypted", "template", ("blockDeviceMappings", 0, "ebs", "encrypted"), "false"),
    Break("launch-template-volumes-encrypted", "template", ("blockDeviceMappings", 0, "ebs", "kmsKeyId")),
    Break("launch-template-volumes-encrypted", "template", ("blockDeviceMappings",)),
    Break("launch-template-no-public-ip", "template", ("networkInterfaces", 0, "associatePublicIpAddress"), "true"),
    Break("subnet-no-public-ip", "subnet", ("mapPublicIpOnLaunch",), True),
    Break("security-group-no-open-ingress", "group", ("ingress", 0, "cidrBlocks", 0), "0.0.0.0/0"),
    Break("security-group-no-open-ingress", "group", ("ingress", 0, "ipv6CidrBlocks"), ["::/0"]),
    Break("security-group-no-open-ingress", "ingress", ("cidrIpv4",), "0.0.0.0/1"),
    Break("security-group-no-open-ingress", "ingress", ("cidrIpv6",), "2001:db8::/32"),
    Break(
        "vpc-no-internet-gateway",
        "internet",
        ("new",),
        {"type": "aws:ec2/internetGateway:InternetGateway", "props": {}, "from": {"vpcId": "vpc"}},
        on="vpc",
    ),
    Break("vpc-default-security-group-closed", "default-closed", on="vpc"),
    Break("vpc-default-security-group-closed", "default-closed", ("ingress", 0), {"protocol": "-1"}, on="vpc"),
    Break("vpc-flow-logs-enabled", "flow-log", on="vpc"),
    Break("vpc-flow-logs-enabled", "flow-log", ("trafficType",), "REJECT", on="vpc"),
    Break("s3-bucket-public-access-blocked", "bucket-block", on="bucket"),
    *(
        Break("s3-bucket-public-access-blocked", "bucket-block", (name,), False, on="bucket")
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    ),
    Break("s3-bucket-encrypted-kms", "bucket-encryption", on="bucket"),
    Break(
        "s3-bucket-encrypted-kms",
        "bucket-encryption",
        ("rules", 0, "applyServerSideEncryptionByDefault", "sseAlgorithm"),
        "AES256",
        on="bucket",
    ),
    Break(
        "s3-bucket-encrypted-kms",
        "bucket-encryption",
        ("rules", 0, "applyServerSideEncryptionByDefault", "kmsMasterKeyId"),
        on="bucket",
    ),
    Break("s3-bucket-tls-only", "bucket-policy", on="bucket"),
    Break("s3-bucket-tls-only", "bucket-policy", ("policy",), NO_DENY, on="bucket"),
    Break("s3-bucket-versioned", "bucket-versioning", on="bucket"),
    Break("s3-bucket-versioned", "bucket-versioning", ("versioningConfiguration", "status"), "Suspended", on="bucket"),
    Break("kms-key-rotation-enabled", "key", ("enableKeyRotation",)),
    Break("kms-key-policy-limited", "key", ("policy",), OPEN_KEY),
    Break("ecr-repository-immutable", "repository", ("imageTagMutability",), "MUTABLE"),
    Break("ecr-repository-scanned", "repository", ("imageScanningConfiguration",)),
    Break("ecr-repository-encrypted-kms", "repository", ("encryptionConfigurations", 0, "encryptionType"), "AES256"),
    Break("log-group-encrypted", "logs", ("kmsKeyId",)),
    Break("log-group-retained", "logs", ("retentionInDays",), 30),
    Break("iam-policy-no-wildcard-action", "policy", ("policy",), ALLOW_ALL),
    Break("iam-policy-no-wildcard-action", "policy", ("policy",), ALLOW_S3),
    Break("iam-policy-no-wildcard-action", "attachment", ("policyArn",), "arn:aws:iam::aws:policy/AdministratorAccess"),
    Break("iam-role-trust-limited", "role", ("assumeRolePolicy",), EVERYBODY),
    Break("iam-role-trust-limited", "role", ("assumeRolePolicy",), FEDERATED),
    Break("iam-no-long-lived-credentials", "user", ("new",), {"type": "aws:iam/user:User", "props": {}}, on="stack"),
    Break("rbac-least-privilege", "reader", ("rules", 0, "verbs", 0), "*"),
    Break(
        "rbac-least-privilege",
        "binding",
        ("new",),
        {
            "type": "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
            "props": {"roleRef": {"name": "cluster-admin"}},
        },
    ),
    Break("namespace-default-deny", "inference-deny", on="inference"),
    Break("namespace-default-deny", "inference-deny", on=TRITON),
    Break("namespace-default-deny", "inference-deny", ("spec", "policyTypes"), ["Ingress"], on="inference"),
    Break("namespace-default-deny", GATEWAY, ("metadata", "namespace")),
    Break("namespace-pod-security-enforced", "inference", ("metadata", "labels"), {}),
    Break("network-policy-no-open-peer", "gateway-in", ("spec", "ingress", 0, "from")),
    Break("network-policy-no-open-peer", "gateway-in", (*PEER, "ipBlock", "cidr"), "0.0.0.0/0"),
    Break("network-policy-no-open-peer", "gateway-in", ("spec", "egress"), [{"to": []}]),
    Break(
        "network-policy-no-open-peer", "gateway-in", ("spec", "egress"), [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]
    ),
    Break("service-not-public", "gateway-service", ("spec", "type"), "LoadBalancer"),
    Break("service-not-public", "gateway-service", ("spec", "externalIPs"), ["203.0.113.7"]),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "privileged"), True),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "allowPrivilegeEscalation")),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "capabilities", "drop"), []),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "capabilities", "add"), ["SYS_ADMIN"]),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "runAsNonRoot"), False),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "runAsUser"), 0),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "procMount"), "Unmasked"),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "ports"), [{"hostPort": 80}]),
    Break("pod-security-restricted", GATEWAY, (*POD, "securityContext", "seccompProfile", "type"), "Unconfined"),
    Break("pod-security-restricted", GATEWAY, (*POD, "securityContext", "runAsUser"), 0),
    Break("pod-security-restricted", GATEWAY, (*POD, "securityContext", "sysctls"), [{"name": "kernel.msgmax"}]),
    Break("pod-security-restricted", GATEWAY, (*POD, "hostNetwork"), True),
    Break("pod-security-restricted", TRITON, (*POD, "volumes", 0), {"name": "host", "hostPath": {"path": "/"}}),
    Break("pod-security-restricted", TRITON, (*INIT, "securityContext", "allowPrivilegeEscalation")),
    Break(
        "pod-security-restricted",
        TRITON,
        (*POD, "ephemeralContainers"),
        [{"name": "debug", "image": "x@sha256:" + 64 * "0", "securityContext": {"readOnlyRootFilesystem": True}}],
    ),
    Break("pod-read-only-root-filesystem", GATEWAY, (*FIRST, "securityContext", "readOnlyRootFilesystem")),
    Break("pod-image-by-digest", GATEWAY, (*FIRST, "image"), "registry.example/app:latest"),
    Break("pod-image-by-digest", TRITON, (*INIT, "image"), "registry.example/app@sha256:short"),
    Break("pod-service-account-token-not-mounted", GATEWAY, (*POD, "automountServiceAccountToken")),
    Break("pod-resources-limited", GATEWAY, (*FIRST, "resources", "limits", "memory")),
    Break("pod-resources-limited", GATEWAY, (*FIRST, "resources", "requests", "cpu")),
    Break("pod-probes-present", GATEWAY, (*FIRST, "readinessProbe")),
    Break("pod-probes-present", GATEWAY, (*FIRST, "livenessProbe")),
    Break(
        "pod-secrets-not-in-environment",
        GATEWAY,
        (*FIRST, "env", 3),
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ),
    Break("pod-secrets-not-in-environment", GATEWAY, (*FIRST, "envFrom"), [{"secretRef": {"name": "db"}}]),
    *(Break("gateway-requires-authentication", GATEWAY, (*FIRST, "env", index, "value"), "") for index in range(3)),
    Break("gateway-requires-authentication", GATEWAY, (*FIRST, "env", 0, "value"), "http://issuer.example"),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 1), "--model-control-mode=explicit"),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 2)),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 3), "--grpc-restricted-protocol=trace:key=secret"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 4), "--cache-config=local,size=1048576"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 4), "--log-verbose=1"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 4), "--trace-config=level=TENSORS"),
    Break("triton-reached-by-gateway-only", "triton-in", (*PEER, "podSelector"), {}, on=TRITON),
    Break("triton-reached-by-gateway-only", "triton-in", (*PEER, "namespaceSelector"), on=TRITON),
    Break("triton-reached-by-gateway-only", "triton-in", ("spec", "ingress", 1, "ports", 0, "port"), 8001, on=TRITON),
    Break("model-hash-verified", TRITON, (*INIT, "env", 1, "value"), "abc"),
)
