"""The vault that holds vendors' keys: what it is, what is in it, who may read it."""
