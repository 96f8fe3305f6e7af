"""Microsoft Purview: the account's Data Map, its scans and runs, its collections and their policies."""
