"""How long the policy pack takes: `python -m policies.bench`. It needs `local/` and `tests/`, the pack does not."""
