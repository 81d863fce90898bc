"""What the tests of the live pages share."""

import asyncio
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections


@pytest.fixture(autouse=True)
def closed_connections() -> Iterator[None]:
    """``sync_to_async`` keeps one thread, whose connection would hold up the end of the test database."""
    yield
    asyncio.run(_close())


async def _close() -> None:
    await sync_to_async(connections.close_all)()
