"""Mutation of a compliant stack: everything that a rule reads is made worse, one thing at a time, and the rules judge it.

`python -m tests.policies.mutation` writes `policies/mutants.md`.
"""
