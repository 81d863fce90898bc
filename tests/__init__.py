"""Tests; `make test` runs them all, `make check` the fast ones."""
