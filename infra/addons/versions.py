"""Which build of each EKS add-on goes with which version of Kubernetes."""

from collections.abc import Mapping

_EVERY_KUBERNETES: Mapping[str, str] = {
    "vpc-cni": "v1.22.4-eksbuild.3",
    "coredns": "v1.13.2-eksbuild.11",
    "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
    "aws-ebs-csi-driver": "v1.63.1-eksbuild.1",
    "metrics-server": "v0.9.0-eksbuild.5",
    "cert-manager": "v1.21.0-eksbuild.2",
    "eks-node-monitoring-agent": "v1.7.0-eksbuild.1",
    "aws-guardduty-agent": "v1.16.0-eksbuild.2",
    "amazon-cloudwatch-observability": "v6.4.0-eksbuild.1",
}

VERSIONS: Mapping[str, Mapping[str, str]] = {
    "1.34": {**_EVERY_KUBERNETES, "kube-proxy": "v1.34.6-eksbuild.18"},
    "1.35": {**_EVERY_KUBERNETES, "kube-proxy": "v1.35.3-eksbuild.18"},
}
"""Add-on versions by Kubernetes version.

Last checked on 2026-11-22, against the configurations that public repositories pinned in August and September 2026
for clusters of that very version, and GuardDuty's table of supported versions; eks-node-monitoring-agent was found with
1.35 only. The build of cert-manager is that of us-east-1 and eu-west-1; other regions may number theirs otherwise. What
an account can install today, newest first:

    aws eks describe-addon-versions --kubernetes-version 1.35 --addon-name coredns \\
        --query 'addons[].addonVersions[].addonVersion'
"""
