"""Delivery of the journal to the central platform, nothing else."""
