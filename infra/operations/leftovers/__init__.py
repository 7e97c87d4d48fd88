"""What is left in AWS of a stack."""
