"""``up`` starts everything, restarts what dies, says in one line why it cannot start, and ends without a trace."""

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.journeys.fixtures import NewSite
from tests.journeys.site import Site, until

pytestmark = pytest.mark.journey


def status_of(address: str) -> int:
    """The status with which a page answers, whatever it is."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def main_process(site: Site, word: str) -> int:
    """The oldest process of this site whose command line ends with the word; 0 when there is none."""
    return min((number for number in site.processes() if _command(number).endswith(word)), default=0)


def test_up_answers_and_one_ctrl_c_ends_it_without_an_orphan(live_up: Site) -> None:
    assert status_of(f"{live_up.address}/admin/login/") == 200
    until(lambda: len(live_up.worker_ids()) == live_up.workers, 20, "all workers have started")
    began = time.monotonic()
    assert live_up.stop() == 0
    assert time.monotonic() - began < 10, live_up.log()
    assert not live_up.processes()


def test_sigterm_ends_it_as_ctrl_c_does(live_up: Site) -> None:
    assert live_up.stop(signal.SIGTERM) == 0
    assert not live_up.processes()


@pytest.mark.parametrize("service", ["flowsite.asgi:application", "qcluster", "short", "timekeeper"])
def test_a_killed_service_is_started_again(live_up: Site, service: str) -> None:
    until(lambda: len(live_up.worker_ids()) == live_up.workers, 20, "all workers have started")
    before = main_process(live_up, service)
    assert before
    os.kill(before, signal.SIGKILL)
    until(lambda: live_up.said("killed by SIGKILL"), 5, "up notices")
    until(lambda: before not in live_up.processes() and main_process(live_up, service), 10, "it is started again")
    if service.startswith("flowsite"):
        until(lambda: _listens(live_up.port), 10, "the web server listens again")


def test_a_killed_up_takes_its_services_with_it(new_site: NewSite) -> None:
    site = new_site()
    site.start()
    assert site.process is not None
    assert site.stop(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: not site.processes(), 15, "the services end when up is gone")
    site.process = None


def test_a_port_in_use_is_one_clear_line(new_site: NewSite) -> None:
    site = new_site()
    with socket.create_server(("127.0.0.1", site.port)):
        done = site.manage("up", "--port", str(site.port))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"CommandError: cannot listen on {site.address}: Address already in use; choose another --host or --port"
    ]


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "DATABASE_URL"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "REDIS_URL"),
        ({"FLOWSITE_WORKERS": "many"}, "FLOWSITE_WORKERS"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(new_site: NewSite, environment: dict[str, str], named: str) -> None:
    site = new_site(**environment)
    done = site.manage("up", "--port", str(site.port))
    assert done.returncode == 1
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


@pytest.mark.postgres
@pytest.mark.redis
def test_up_runs_on_postgresql_and_redis_by_their_addresses_alone(live_up_in_production: Site) -> None:
    assert status_of(f"{live_up_in_production.address}/admin/login/") == 200
    assert not (live_up_in_production.data_dir / "flowsite.sqlite3").exists()


def _command(process_id: int) -> str:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_text().rstrip("\0")
    except OSError:
        return ""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
