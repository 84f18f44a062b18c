"""Jobs: queued, claimed, run and recorded."""
