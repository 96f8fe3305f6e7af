"""Azure Resource Manager, asked and never written to."""
