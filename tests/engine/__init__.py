"""The engine itself: how it gets onto a machine, and the Python language host."""
