"""WORDS: what the services and this package speak of. Standard library only; no I/O."""
