"""What Microsoft 365 knows of a tenant: its audit log and its users, asked through Microsoft's own Graph client."""
