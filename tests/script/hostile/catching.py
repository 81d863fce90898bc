"""Scripts that catch what is not theirs, and errors whose words are bombs."""

from tests.script.hostile.play import Hostile

SCRIPTS = (
    Hostile("a bare except", "try:\n    fail('x')\nexcept:\n    log('never')\nlog('never')", "failed", 2, "x"),
    Hostile(
        "base exception", "try:\n    fail('x')\nexcept BaseException:\n    log('never')\nlog('never')", "failed", 2, "x"
    ),
    Hostile("system exit", "try:\n    fail('x')\nexcept SystemExit:\n    log('never')", "failed", 2, "x"),
    Hostile("keyboard interrupt", "raise KeyboardInterrupt('x')", "error", 1, "KeyboardInterrupt: x"),
    Hostile("generator exit", "raise GeneratorExit", "error", 1, "NameError: name 'GeneratorExit' is not defined"),
    Hostile("system exit raised", "raise SystemExit('mine')", "error", 1, "SystemExit: mine"),
    Hostile(
        "a class of exceptions",
        "class E(Exception): pass\nraise E('x')",
        "error",
        1,
        "NotImplementedError: The monty syntax parser does not yet support clas",
        spoils_all=True,
    ),
    Hostile("a variable handler", "E = Exception\ntry:\n    fail('y')\nexcept E:\n    log('never')", "failed", 3, "y"),
    Hostile(
        "all names",
        "try:\n    fail('y')\nexcept (Exception, OSError, RuntimeError, StepFailed):\n    log('never')",
        "failed",
        2,
        "y",
    ),
    Hostile(
        "fail in finally",
        "try:\n    1 / 0\nfinally:\n    fail('later')",
        "error",
        2,
        "ZeroDivisionError: division by zero",
    ),
    Hostile("fail twice", "try:\n    fail('one')\nfinally:\n    fail('two')", "failed", 2, "one"),
    Hostile("abort then fail", "try:\n    fail('one')\nfinally:\n    abort('two')", "failed", 2, "one"),
    Hostile(
        "a swallowing context manager",
        "class C:\n    def __enter__(self): return self\n    def __exit__(self, *e): return True\n"
        "with C():\n    fail('x')\nlog('never')",
        "failed",
        5,
        "x",
    ),
    Hostile(
        "giant message",
        "raise ValueError('x' * 10**6)",
        "error",
        1,
        "ValueError: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ),
    Hostile(
        "message of many lines",
        "raise ValueError('a\\nb\\rc\\n' * 10)",
        "error",
        1,
        "ValueError: a; b; c; a; b; c; a; b; c; a; b; c; a; b; c; a; b; c; a; b",
    ),
    Hostile(
        "message with controls", "raise ValueError('\\x1b[31mred\\x00\\x07')", "error", 1, "ValueError: �[31mred��"
    ),
    Hostile("message with half characters", "raise ValueError('\\ud800')", "error", 1, "ValueError: �"),
    Hostile(
        "giant fail",
        "fail('x' * 10**6)",
        "failed",
        1,
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ),
    Hostile("fail of many lines", "fail('a\\nb')", "failed", 1, "a\nb"),
    Hostile(
        "fail with anything",
        "fail(element, [1], key={'a': 1})",
        "failed",
        1,
        "{'id': 2, 'name': 'db2', 'address': '10.0.0.2', 'profile': 'pg', 'grou",
    ),
    Hostile("raise a text", "raise 'x'", "error", 1, "TypeError: exceptions must derive from BaseException"),
    Hostile("raise nothing", "raise", "error", 1, "RuntimeError: No active exception to reraise"),
    Hostile("raise a class of steps", "raise StepFailed", "failed", 1, "StepFailed"),
    Hostile(
        "raise from",
        "try:\n    1 / 0\nexcept Exception as error:\n    raise KeyError('k') from error",
        "error",
        4,
        "no key 'k'",
    ),
    Hostile("an error in an error", "try:\n    {}['a']\nexcept KeyError:\n    {}['b']", "error", 4, "no key 'b'"),
    Hostile("stop iteration", "raise StopIteration", "error", 1, "StopIteration"),
    Hostile(
        "assert",
        "assert False, 'x' * 10**5",
        "error",
        1,
        "AssertionError: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ),
    Hostile(
        "memory error raised",
        "raise MemoryError('pretended')",
        "limit",
        1,
        "the script used more memory than it may (pretended)",
    ),
    Hostile(
        "time error raised",
        "raise TimeoutError('turn time limit exceeded: pretended')",
        "error",
        1,
        "TimeoutError: pretended by the script: turn time limit exceeded: prete",
    ),
    Hostile("recursion error raised", "raise RecursionError('x')", "error", 1, "RecursionError: x"),
    Hostile("a key of many kinds", "x = {}\nx[(1, 'a', None)]", "error", 2, "no key \"(1, 'a', None)\""),
    Hostile(
        "a giant key",
        "x = {}\nx['k' * 10**6]",
        "error",
        2,
        "no key 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
    ),
)
