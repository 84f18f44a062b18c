"""ANSWERS AS FRAMES: JSON from a service becomes DataFrames with documented columns."""
