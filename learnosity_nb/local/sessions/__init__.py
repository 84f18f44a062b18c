"""Sessions: listed, updated by jobs, and scored again from their responses."""
