"""More than 200 scripts that mean harm, by what they try."""
