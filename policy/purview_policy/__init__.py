"""What a tenant's deployment must hold to, judged by the engine before anything is sent."""
