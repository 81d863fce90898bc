"""The ASGI application: HTTP to Django, web sockets to the live consumers, which look at who opens them themselves."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowsite.settings")

http = get_asgi_application()

from flows.live.consumers import live  # noqa: E402 - the models need the settings that were just read

application = ProtocolTypeRouter({"http": http, "websocket": live})
