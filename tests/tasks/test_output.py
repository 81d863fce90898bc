"""What is kept and shown of output: redaction across pieces, head and tail, characters that are not cut in two."""

import random
import string
from itertools import pairwise

import pytest

from flows.tasks.output import MAX_RESULT_BYTES, Output
from flows.tasks.redact import Redactor

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5v\nQyNTUxOQAAACDdGVzdA\n-----END-----\n"


class Kept:
    """Takes what an Output writes."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, bytes]] = []

    async def write(self, stream: str, data: bytes) -> None:
        self.pieces.append((stream, data))

    def of(self, stream: str) -> bytes:
        return b"".join(data for name, data in self.pieces if name == stream)


@pytest.mark.parametrize(
    "secrets", [["hunter2"], ["abc", "abcdef"], ["aab", "abaab"], ["pässword"], [KEY], ["aaaa"], ["x", "xyx"]]
)
def test_a_stream_cut_anywhere_is_masked_like_the_whole_text(secrets: list[str]) -> None:
    redactor = Redactor(secrets)
    chance = random.Random(5)
    alphabet = [*secrets, *secrets, "a", "b", "ab", "x", "y", "hunter", "\n", "pä", *KEY.splitlines()]
    for _ in range(200):
        data = "".join(chance.choices(alphabet, k=12)).encode()
        stream, shown, at = redactor.stream(), b"", 0
        while at < len(data):
            size = chance.randint(1, 5)
            shown += stream.feed(data[at : at + size])
            at += size
        shown += stream.finish()
        assert shown == redactor.whole(data)
        for secret in secrets:
            assert secret.encode() not in shown


def test_hundreds_of_keys_and_passwords_are_masked_wherever_the_stream_is_cut() -> None:
    """Against the plain way to do it: replace every value, the longest first."""
    chance = random.Random(7)
    letters = string.ascii_letters + string.digits + "+/"
    lines = ["".join(chance.choices(letters, k=chance.choice([16, 17, 40, 70]))) for _ in range(3000)]
    keys = [
        "-----BEGIN KEY-----\n" + "\n".join(lines[at : at + 10]) + "\n-----END KEY-----\n" for at in range(0, 3000, 10)
    ]
    words = ["".join(chance.choices(letters + "!$ .", k=chance.randint(5, 24))).strip() + "~" for _ in range(300)]
    redactor = Redactor([*keys, *words])
    assert Redactor(keys).text(f"see\n{keys[4]}{keys[5][:30]}") == f"see\n***{keys[5][:30]}"
    for _ in range(20):
        pieces = chance.choices(
            [*keys, *words, *lines, *(word[:4] + "_" for word in words), *(["\n", " x "] * 500)], k=60
        )
        text = "|".join(pieces)
        plain = text
        for value in sorted([*keys, *words, *lines], key=len, reverse=True):
            plain = plain.replace(value, "***")
        stream, shown, data = redactor.stream(), b"", text.encode()
        cuts = sorted(chance.sample(range(len(data)), 30))
        for start, end in pairwise([0, *cuts, len(data)]):
            shown += stream.feed(data[start:end])
        assert shown + stream.finish() == plain.encode()


def test_only_what_may_become_a_secret_waits() -> None:
    stream = Redactor(["hunter2"]).stream()
    assert stream.feed(b"login: ") == b"login: "
    assert stream.feed(b"hunt") == b""
    assert stream.feed(b"ing") == b"hunting"


def test_each_line_of_a_private_key_is_a_secret_but_not_its_frame() -> None:
    redactor = Redactor([KEY])
    assert redactor.text("x b3BlbnNzaC1rZXktdjEAAAAABG5v y") == "x *** y"
    assert redactor.text("-----BEGIN OPENSSH PRIVATE KEY-----") == "-----BEGIN OPENSSH PRIVATE KEY-----"
    assert Redactor(["", " "]).text("a b") == "a b"


async def test_r44_the_head_streams_and_the_tail_comes_at_the_end_with_the_cut_marked() -> None:
    kept = Kept()
    output = Output(kept.write, Redactor(), limit_bytes=100)
    for number in range(100):
        await output.add("stdout" if number % 2 else "stderr", f"{number:04}\n".encode())
    assert len(b"".join(data for _, data in kept.pieces)) == 50
    await output.finish()
    pieces = [data for _, data in kept.pieces]
    assert b"".join(pieces[:10]) == b"".join(f"{number:04}\n".encode() for number in range(10))
    assert pieces[10] == b"\n[flowsite: 400 bytes left out here]\n"
    assert b"".join(pieces[11:]) == b"".join(f"{number:04}\n".encode() for number in range(90, 100))
    assert kept.pieces[-1] == ("stdout", b"0099\n")


@pytest.mark.parametrize("character", ["a", "ü", "✓", "𝄞"])
async def test_the_result_ends_at_a_whole_character(character: str) -> None:
    output = Output(Kept().write, Redactor())
    data = ("-" + character * MAX_RESULT_BYTES).encode()
    for at in range(0, len(data), 1000):
        await output.add("stdout", data[at : at + 1000])
    await output.finish()
    assert set(output.text) == {"-", character}
    assert MAX_RESULT_BYTES - 4 < len(output.text.encode()) <= MAX_RESULT_BYTES


async def test_the_last_line_is_stderrs_if_it_has_one() -> None:
    output = Output(Kept().write, Redactor())
    await output.add("stdout", b"first\nsecond\n\n")
    assert output.last_line == "second"
    await output.add("stderr", b"no space\n left\ton device\n")
    assert output.last_line == "left on device"
