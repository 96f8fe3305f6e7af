"""Stand-ins for two Pulumi provider plugins whose genuine binaries cannot be downloaded everywhere.

``azure_native`` stands for azure-native 3.29.0 and ``azuread`` for azuread 6.11.1. They serve only the
tokens that the program uses, talk HTTP to the real host names, and behave as the genuine providers do:
a "fact" in these modules is a number of docs/facts.md, part "providers".
"""
