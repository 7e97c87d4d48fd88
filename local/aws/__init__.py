"""AWS for the local stack: a Pulumi provider plugin that answers for `aws` and applies resources to moto, an emulator.

The program and its types are the real ones (pulumi-aws); only the plugin behind the engine's protocol is this one.
"""

EMULATOR_NOTICE = "AWS is emulated on this machine by moto; nothing is created in an AWS account."

PROVIDER_VERSION = "7.51.1"
"""The pulumi-aws release whose types are answered for."""
