"""A second opinion: Checkov, which others wrote, looks at the stack in its finished state.

Checkov reads no Pulumi. So the state of the applied stack is written down again in two forms that it does read: AWS
resources as a Terraform plan, Kubernetes resources as manifests. Each of its findings is either mended or accepted in
accepted.yaml with the reason; a finding that is neither fails the check.
"""
