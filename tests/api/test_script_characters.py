"""Texts that are hard to send: what cannot come back from the browser is not opened as blocks."""

import json

import pytest

from tests.web.people import client_of

pytestmark = pytest.mark.django_db


def test_every_character_comes_back_from_its_blocks() -> None:
    client, text = client_of("viewer"), "log('é 漢 😀')\n"
    opened = client.post("/api/scripts/blocks/", {"text": text}, content_type="application/json").json()
    sent = {"workspace": opened["workspace"], "base_text": text}
    printed = client.post("/api/scripts/blocks/", sent, content_type="application/json").json()
    assert printed["text"] == text


@pytest.mark.parametrize("text", ["log('\\ud800')\n", "log('\\x00')\n"])
def test_what_no_browser_can_send_back_is_edited_as_text(text: str) -> None:
    answer = client_of("viewer").post("/api/scripts/blocks/", {"text": text}, content_type="application/json")
    assert answer.status_code == 200
    told = json.loads(answer.content)
    assert (told["text"], told["workspace"]) == (text, None)
    assert [problem["code"] for problem in told["problems"]] == ["not_faithful"]
    assert "edit it as text" in told["problems"][0]["message"]
