"""Fixtures of the tests of tasks."""

from tests.sshd import ssh_fleet

__all__ = ["ssh_fleet"]
