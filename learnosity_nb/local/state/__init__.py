"""What the service keeps between runs: a directory and its database."""
