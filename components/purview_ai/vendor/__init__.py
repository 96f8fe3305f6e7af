"""The vendor of an AI app, asked whether a key works, and never for a conversation."""
