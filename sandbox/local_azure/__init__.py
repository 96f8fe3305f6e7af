"""A local Azure: one process on loopback that stands for the services a tenant is made of.

It knows nothing of the product that it judges. What it does comes from ``docs/facts.md``; every rule of the
services is listed in :mod:`local_azure.rules` with the fact behind it and the test that needs it.
"""
