"""The plugin's process: ``python -m stand_ins.azure_native ENGINE_ADDRESS``."""

from stand_ins.azure_native.provider import AzureNative
from stand_ins.serving import serve

if __name__ == "__main__":
    serve(AzureNative)
