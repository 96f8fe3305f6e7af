"""What a tenant wants around the scan, which nothing here touches: declared, scripted, or shown to whoever does it."""
