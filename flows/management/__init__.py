"""Commands of flows and runs."""
