"""How much a caller may ask for, and how much Triton is asked at once.

`admission.Limits` bounds every caller, `tokens` every request, `failures` whoever is no caller. `guarded.GuardedTriton`
asks Triton only what it can answer in time: `shedding` sees to the queue, `breaker` to a Triton that fails.
All of it is the state of one process; where several gateways share a caller's limit, `replicas` counts them.
"""
