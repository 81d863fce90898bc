"""What the sites of the browser tests hold: people, and the demo content with its first runs over."""

import json

from tests.browser.visitor import PASSWORD, USER
from tests.journeys.site import Site, until

#: Those that the demo begins.
FIRST_RUNS = 3


def make_administrator(site: Site) -> None:
    """An account that may do everything."""
    site.environment = {**site.environment, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    done = site.manage("createsuperuser", "--noinput", "--username", USER, "--email", "visitor@example.org")
    assert done.returncode == 0, done.stderr


def run_demo(site: Site) -> None:
    """Make the demo content of a running site and wait until its first three runs are over."""
    done = site.manage("demo")
    assert done.returncode == 0, done.stderr

    def all_over() -> bool:
        runs = json.loads(site.manage("runs", "--json").stdout)
        return len(runs) >= FIRST_RUNS and all(run["ended_at"] for run in runs)

    until(all_over, 90, "the demo's first runs are over")
