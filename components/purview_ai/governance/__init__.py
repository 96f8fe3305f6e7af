"""What a tenant wants around the scan: declared where an API exists, scripted or shown where none does."""
