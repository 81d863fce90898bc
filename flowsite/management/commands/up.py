"""``up``: everything that Flowsite needs, under one supervisor, ended by one Ctrl-C."""

import ipaddress
import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.utils import OperationalError

from flowsite.management.signing_in import prepare_sign_in
from flowsite.management.supervisor import Service, Supervisor


class Command(BaseCommand):
    """Migrate, then web, workers and timekeeper."""

    help = "Start Flowsite: migrations, web server, workers and timekeeper. Ctrl-C ends them all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, how many runs at a time."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
        parser.add_argument(
            "--workers",
            type=int,
            default=settings.Q_CLUSTER["workers"],
            help="how many runs may be in progress at a time (default: %(default)s)",
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="on the first start make the demo content (see the command demo); only where nobody else can come",
        )

    def handle(self, *args: Any, host: str, port: int, workers: int, demo: bool, **options: Any) -> None:
        """Check what can be checked before anything starts, then supervise until a signal."""
        if workers < 1:
            raise CommandError(f"--workers: found {workers}, expected 1 or more")
        check_port(host, port)
        check_broker()
        migrate()
        to_say = prepare_sign_in(host, with_demo=demo)
        connection.close()
        supervisor = Supervisor(services(host, port, workers))
        supervisor.say(f"starting on {address(host, port)} with {workers} workers")

        def when_started() -> bool:
            if not is_listening(host, port):
                return False
            supervisor.say(f"ready: {address(host, port)}")
            for line in to_say:
                supervisor.say(line)
            return True

        supervisor.run(when_started=when_started)


def services(host: str, port: int, workers: int) -> Sequence[Service]:
    """The services, each of which may as well be started by hand or by systemd."""
    python = sys.executable
    manage = (python, os.path.abspath(sys.argv[0]))  # noqa: PTH100 - an absolute path, links left alone
    number = {"FLOWSITE_WORKERS": str(workers), "PYTHONUNBUFFERED": "1"}
    # daphne finds the site by import: `up` may have been called from another directory.
    found_here = {**number, "PYTHONPATH": os.pathsep.join([str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])}
    listen = ("--bind", host, "--port", str(port), "--no-server-name", "--access-log", os.devnull)
    return (
        Service("web", (python, "-m", "daphne", *listen, "flowsite.asgi:application"), found_here),
        Service("workers", (*manage, "qcluster"), number),
        Service("short", (*manage, "qcluster", "--name", "short"), number),
        Service("timekeeper", (*manage, "timekeeper"), number),
    )


def check_port(host: str, port: int) -> None:
    """Refuse with one line when the address cannot be listened on."""
    try:
        with socket.create_server((host, port), family=_family(host)):
            return
    except (OSError, OverflowError) as error:
        reason = _why_not(error)
        raise CommandError(
            f"cannot listen on {address(host, port)}: {reason}; choose another --host or --port"
        ) from None


def check_broker() -> None:
    """Refuse with one line when REDIS_URL is set and nothing answers there."""
    if not settings.REDIS_URL:
        return
    try:
        with redis.from_url(settings.REDIS_URL, socket_connect_timeout=5) as client:
            client.ping()
    except redis.RedisError as error:
        raise CommandError(
            f"REDIS_URL: no Redis answers there ({_first_line(error)}); start it or unset REDIS_URL"
        ) from None


def migrate() -> None:
    """Bring the database to this version; refuse with one line when it cannot be reached."""
    # A pool would try again and again for its whole timeout before it said what is wrong.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise CommandError(f"DATABASE_URL: cannot open the database ({_first_line(error)})") from None
    call_command("migrate", interactive=False, verbosity=0)


def is_listening(host: str, port: int) -> bool:
    """True when the web server takes connections."""
    try:
        with socket.create_connection((_reachable(host), port), timeout=0.2):
            return True
    except OSError:
        return False


def address(host: str, port: int) -> str:
    """Where a browser finds it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why_not(error: OSError | OverflowError) -> str:
    """The system's words alone: ``create_server`` adds the address to them."""
    return str(getattr(error, "strerror", None) or error).partition(" (while")[0]


def _reachable(host: str) -> str:
    """An address to connect to: a server on 'every address' is found on the loopback one."""
    try:
        every = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return host
    return ("::1" if ":" in host else "127.0.0.1") if every else host


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
