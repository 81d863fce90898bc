"""Django behind the ports of the runner."""
