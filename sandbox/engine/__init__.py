"""The Pulumi engine: how it gets onto this machine, and the Python language host it is built with."""
