"""The words of the script language: steps, functions, variables, and what of Python the sandbox knows."""

from typing import Final

STEPS: Final = frozenset({"run_task", "run_flow", "sleep", "approve", "set_context", "get_context", "log"})
"""What a script waits for (R9)."""

ENDINGS: Final = frozenset({"fail", "finish", "abort"})
"""What ends a script; may be called in helper functions too (R11)."""

ORDERING: Final = frozenset({"order_flow_elements", "filter_flow_elements"})
"""In place in a processing script (R4), returning new lists in an execution script (R10)."""

EXECUTION_NAMES: Final = frozenset(
    {"elements", "current", "first", "last", "element", "inputs", "run", "StepFailed"} | ORDERING | STEPS | ENDINGS
)
PROCESSING_NAMES: Final = frozenset({"elements", "inputs"} | ORDERING)

MAX_SCRIPT_BYTES: Final = 64 * 1024
MAX_NESTING: Final = 150
"""Levels of syntax: far above what people write, far below what Python's own recursion allows."""

HIDING: Final = frozenset({"exec", "eval"})
"""With these a text could hold steps that nobody sees (R15)."""

UNCATCHABLE: Final = frozenset({"BaseException", "SystemExit", "KeyboardInterrupt", "GeneratorExit"})
"""Catching these would swallow ``fail`` and the stop of a run (R11, R31)."""

_BUILTINS: Final = """
    ArithmeticError AssertionError AttributeError Ellipsis Exception FileExistsError FileNotFoundError ImportError
    IndexError IsADirectoryError KeyError LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError
    NotImplemented NotImplementedError OSError OverflowError PermissionError RecursionError RuntimeError StopIteration
    SyntaxError TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError ValueError
    ZeroDivisionError abs all any bin bool bytes chr complex dict divmod enumerate filter float format frozenset
    getattr hasattr hash hex int isinstance iter len list map max min next object oct ord pow range repr reversed
    round set setattr slice sorted str sum tuple type zip
"""
BUILTINS: Final = frozenset(_BUILTINS.split())
"""Built-in names that the sandbox has and scripts may use (probed on pydantic-monty 1.4.0, 2026-11-23)."""

_MODULES: Final = """
    base64 binascii bisect collections copy csv dataclasses datetime decimal functools hashlib itertools json math re
    tomllib typing unicodedata
"""
MODULES: Final = frozenset(_MODULES.split())
"""Modules that the sandbox has and that neither look at the world nor at a clock (same probe)."""

INSTEAD: Final = {
    "print": "log(message)",
    "input": "the flow's inputs: inputs['name']",
    "open": "a task that reads the file and returns its text",
    "exit": "finish(message) to end as succeeded, or fail(message)",
    "quit": "finish(message) to end as succeeded, or fail(message)",
    "time": "sleep(seconds) to wait; scripts have no clock",
    "random": "an input of the flow; scripts have no randomness",
    "asyncio": "plain calls; the flow's mode says what runs at the same time",
    "os": "a task; scripts see no files and no environment",
    "sys": "plain Python; scripts see nothing of the program that runs them",
    "pathlib": "a task; scripts see no files",
    "subprocess": "run_task(name)",
    "requests": "run_task(name) with a task of class http",
    "id": "element['id'], or compare with `is`",
    "globals": "plain variables",
    "locals": "plain variables",
    "vars": "plain variables",
    "BaseException": "Exception",
    "SystemExit": "fail(message) to fail the element",
    "KeyboardInterrupt": "fail(message) to fail the element",
    "GeneratorExit": "Exception",
}
"""Names that people reach for, and the way out."""
