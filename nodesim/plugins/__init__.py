"""How functions come in by name: hooks, the registry, and how they are looked up."""
