"""The plugin's process: ``python -m stand_ins.azuread ENGINE_ADDRESS``."""

from stand_ins import protocol

if __name__ == "__main__":
    protocol.alone()
    from stand_ins.azuread.provider import AzureAD
    from stand_ins.serving import serve

    serve(AzureAD)
