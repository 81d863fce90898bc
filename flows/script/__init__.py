"""Scripts: where their steps stand, what may be wrong with them, and running them in the sandbox. No Django."""
