"""Datasets: initialised, uploaded, started, compiled and read."""
