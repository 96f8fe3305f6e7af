"""Calls to services: signed in, retried, waited for, and failing in words."""
