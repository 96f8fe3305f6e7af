"""Times, calls and memory of a tenant's deployment, as ratios within one run."""
