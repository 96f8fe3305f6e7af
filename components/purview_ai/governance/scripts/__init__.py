"""PowerShell for what only PowerShell sets up, rendered from a tenant's settings."""
