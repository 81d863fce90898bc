"""Tasks: what a step does on an element, over SSH or on this machine. No Django here; dataclasses in and out."""
