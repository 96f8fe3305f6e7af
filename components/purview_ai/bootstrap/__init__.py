"""What the tenants' pipelines need before they can run: state, keys, and identities without secrets."""
