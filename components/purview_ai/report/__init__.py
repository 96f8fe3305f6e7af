"""Pages that show how tenants are: one a tenant, and one over all stacks."""
