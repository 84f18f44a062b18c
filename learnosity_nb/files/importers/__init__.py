"""Foreign files into the `learners` and `engagement` files of a data directory."""
