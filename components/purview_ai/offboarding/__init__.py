"""What a stack leaves behind when it goes, and how each of that is removed. Only ever looks."""
