"""What people and machines do to flows and runs: keyword-only, each owns its transaction."""
