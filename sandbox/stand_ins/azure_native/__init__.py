"""The stand-in for azure-native."""

VERSION = "3.29.0"
"""At least the SDK's, or each run warns."""
