"""The stand-in for azuread."""

VERSION = "6.11.1"
"""At least the SDK's, or each run warns."""
