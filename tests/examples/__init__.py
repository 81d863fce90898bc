"""Six flows that operators really want: planned, run, and run with everything that may go wrong."""
