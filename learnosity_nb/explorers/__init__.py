"""EXPLORERS: datasets and learners to look through in a notebook, by mouse, keyboard or Python."""
