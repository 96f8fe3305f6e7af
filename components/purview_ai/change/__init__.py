"""What a deployment would change: read from a preview, judged by a gate, told to people, and made just so."""
