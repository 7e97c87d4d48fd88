"""The HIPAA Security Rule (45 CFR 164 subpart C) as a Pulumi policy pack, and the report on what it found."""

PACK_NAME = "hipaa-security-rule"
PACK_VERSION = "0.2.0"
