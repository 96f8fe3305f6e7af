"""Many stacks at once: which ones, in which order, side by side, and what became of each."""
