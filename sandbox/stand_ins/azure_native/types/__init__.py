"""The types and functions that the program uses, one module for each service."""
