"""The AI apps whose interactions a tenant captures, as data."""
