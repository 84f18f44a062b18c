"""What a browser runs: the faces of the explorers, and pages that need no kernel."""
