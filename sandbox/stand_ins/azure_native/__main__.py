"""The plugin's process: ``python -m stand_ins.azure_native ENGINE_ADDRESS``."""

from stand_ins import protocol

if __name__ == "__main__":
    protocol.alone()
    from stand_ins.azure_native.provider import AzureNative
    from stand_ins.serving import serve

    serve(AzureNative)
