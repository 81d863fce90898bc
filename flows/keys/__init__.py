"""Reading the keys of definitions: what documents and publishing have in common."""
