"""Prints the tables of docs/policy.md, from the rules themselves: ``python -m purview_policy`` in the pack's folder."""

from purview_policy.page import parameters, rules

print(f"{rules()}\n\n{parameters()}")  # what it is for
