"""How the outside world differs from what a stack has recorded, without running its program."""
