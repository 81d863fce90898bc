"""`python -m tests.bench [NAME...]`: runs the named benchmarks, or all, each in a process of its own."""

import subprocess
import sys

BENCHMARKS = ("blocks", "engine", "plan", "scripts")


def main(names: list[str]) -> int:
    """Run them one after another; the exit code is 1 if one failed, 2 for an unknown name."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark is named {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    codes = [
        subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode
        for name in names or BENCHMARKS
    ]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
