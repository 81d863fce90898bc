"""Blocks and text, as the editor's server turns them: scripts of 300 and of 1,200 blocks, opened, and written back.

*open* is text to blocks of a text that was never seen. *write* is blocks to text after one field was edited, over the
text that was opened before, as the editor asks at each edit; *write, first* is the same over a text that was never
seen, as after a restart. Each with its check and with JSON in and out; CPU of one process.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flows.script.blocks.editing import Turn, edit_blocks, edit_text
from flows.script.check import check_execution
from tests.bench.measuring import machine, spread, write

PART = """\
# part {n}: as an operator would write it
if current == first:
    run_task('Stop service', service='s{n}', timeout=60)
ready = run_task('Health', check=False)
if not ready['ok'] and element['context']['role'] == 'master':
    fail('not healthy: ' + ready['status'])  # {n}
sleep(5)
for attempt in range(3):
    try:
        run_task('Restart', service=inputs['service'], retries=2)
        break
    except StepFailed as error:
        log(str(error))
"""
PARTS = {"300 blocks": 8, "1,200 blocks": 32}


def main() -> int:
    """Measure, print the table, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    about = machine()
    found: dict[str, list[float]] = {}
    for number in range(-2, rounds):  # two rounds for the caches of the catalog
        for name, parts in PARTS.items():
            for what, took in _turns(number, parts).items():
                found.setdefault(f"{name}: {what}", []).extend([took] if number >= 0 else [])
    for name, values in found.items():
        print(f"{name:<28} CPU ms {spread(values, 1)}")
    print(f"written to {write('blocks', {'machine': about, 'cpu_ms': found})}")
    return 0


def _turns(number: int, parts: int) -> dict[str, float]:
    """One script that no cache knows, opened and written."""
    text = _script(number, parts)
    opened, to_open = _timed(lambda: _as_json(edit_text(text, check_execution)))
    sent = _edited(opened)
    _, to_write = _timed(lambda: _written(sent, text))
    _, to_write_first = _timed(lambda: _written(sent, f"{text}# not seen before\n"))
    return {"open": to_open, "write": to_write, "write, first": to_write_first}


def _script(number: int, parts: int) -> str:
    return "".join(PART.format(n=f"{number}.{part}") for part in range(parts))


def _edited(opened: str) -> str:
    """What the browser sends after a number was changed."""
    workspace = json.loads(opened)["workspace"]
    numbers = [block for block in workspace["blocks"] if block["type"] == "number"]
    numbers[len(numbers) // 2]["fields"]["NUMBER"] = "77"
    return json.dumps(workspace)


def _written(sent: str, base: str) -> str:
    return _as_json(edit_blocks(json.loads(sent), base, check_execution))


def _as_json(turn: Turn) -> str:
    assert turn.text is not None, turn.problems
    return json.dumps(turn.to_json())


def _timed(work: Callable[[], str]) -> tuple[str, float]:
    began = time.process_time()
    done = work()
    return done, (time.process_time() - began) * 1000


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main())
