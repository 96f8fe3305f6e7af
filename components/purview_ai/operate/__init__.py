"""The command line ``purview-ai``: one tenant, asked about from the outside."""
