"""What the API server itself refuses, whoever asks: ValidatingAdmissionPolicies for the stack's namespaces and authority.

The policy pack judges the program before it is applied; these judge every request after that, with `kubectl` too, at the
workload and not only at the pods that its controller fails to make. Each module is one policy, as data. Requests of
administrators are judged like all others. Who may change or delete the policies and their bindings is RBAC's business:
of the stack's groups only `inference:deployer` may, and the API server's audit log records it.
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""
