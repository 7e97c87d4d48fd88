"""Breaks of the ways in and out: load balancer, endpoints, add-ons, tunnel."""

from tests.policies.breaks.broken import Break

OPEN_ENDPOINT = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}'

BREAKS = (
    Break("load-balancer-internal", "balancer", ("internal",)),
    Break("load-balancer-internal", "balancer", ("internal",), False),
    Break("load-balancer-listener-tls", "https", ("sslPolicy",)),
    Break("load-balancer-listener-tls", "https", ("sslPolicy",), "ELBSecurityPolicy-2016-08"),
    Break("load-balancer-listener-tls", "https", ("sslPolicy",), "ELBSecurityPolicy-TLS13-1-0-2021-06"),
    Break("load-balancer-listener-tls", "https", ("protocol",), "HTTP"),
    Break("load-balancer-listener-tls", "http", ("defaultActions", 0), {"type": "forward"}),
    Break("load-balancer-listener-tls", "http", ("defaultActions", 0, "redirect", "protocol"), "HTTP"),
    Break(
        "load-balancer-listener-tls",
        "plain",
        ("new",),
        {
            "type": "aws:lb/listenerRule:ListenerRule",
            "from": {"listenerArn": "http"},
            "props": {"actions": [{"type": "forward"}]},
        },
        on="http",
    ),
    Break("load-balancer-target-tls", "targets", ("protocol",), "HTTP"),
    Break("load-balancer-drops-invalid-headers", "balancer", ("dropInvalidHeaderFields",)),
    Break("load-balancer-access-logged", "balancer", ("accessLogs", "enabled"), False),
    Break("load-balancer-access-logged", "balancer", ("accessLogs",)),
    Break("load-balancer-firewalled", "firewalled", on="balancer"),
    Break("vpc-endpoint-policy-limited", "kms-endpoint", ("policy",)),
    Break("vpc-endpoint-policy-limited", "s3-endpoint", ("policy",), OPEN_ENDPOINT),
    Break("vpc-endpoints-complete", "sts-endpoint", on="vpc"),
    Break("vpc-endpoints-complete", "sts-endpoint", ("privateDnsEnabled",), False, on="vpc"),
    Break("ec2-instance-closed", "tunnel", ("associatePublicIpAddress",), True),
    Break("ec2-instance-closed", "tunnel", ("associatePublicIpAddress",)),
    Break("ec2-instance-closed", "tunnel", ("keyName",), "administrator"),
    Break("ec2-instance-closed", "tunnel", ("metadataOptions", "httpTokens"), "optional"),
    Break("ec2-instance-volumes-encrypted", "tunnel", ("rootBlockDevice", "encrypted"), False),
    Break("ec2-instance-volumes-encrypted", "tunnel", ("rootBlockDevice", "kmsKeyId")),
    Break(
        "ec2-instance-volumes-encrypted",
        "tunnel",
        ("ebsBlockDevices",),
        [{"deviceName": "/dev/sdf"}],
        also=("ec2-storage-backed-up",),
    ),
    Break("eks-addon-pinned", "network", ("addonVersion",)),
    Break(
        "eks-network-policy-enforced",
        "network",
        ("configurationValues",),
        '{"enableNetworkPolicy": "false"}',
        on="cluster",
    ),
    Break("eks-network-policy-enforced", "network", ("configurationValues",), on="cluster"),
    Break("eks-network-policy-enforced", "network", on="cluster"),
)
