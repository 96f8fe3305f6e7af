"""What the make targets do: the real Pulumi engine, run against the local Azure and nothing else."""
