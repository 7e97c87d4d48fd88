"""What AWS records about the stack, where it is kept, and who is told: 164.312(b), 164.308(a)(1)(ii)(D)."""
