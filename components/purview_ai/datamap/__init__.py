"""The Purview Data Map without Pulumi: its client, its object kinds, and what may happen to them."""
