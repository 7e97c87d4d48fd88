"""The Pulumi program: an encrypted, private EKS cluster and the inference workloads on it."""
