"""The one error that a user of the policy pack or its report sees."""


class PolicyError(Exception):
    """Input that cannot be used, said in one sentence that names the remedy; commands exit with 2."""
