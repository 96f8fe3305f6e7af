"""Key Vault: secrets that hold vendors' keys, written without a trace of the key in any state."""
