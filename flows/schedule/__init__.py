"""When flows start by themselves: what a schedule may say. No Django."""
