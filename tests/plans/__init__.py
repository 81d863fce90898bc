"""Plans by cases: expected waves and stops, written from the semantics and not from the code."""
