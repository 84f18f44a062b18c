"""WHERE CLIENT AND SERVICE MEET: connections, and the datasets they open."""
