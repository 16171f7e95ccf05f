"""Starts MiniStack with the patches of ./patches.

Arguments: the names of patches to leave out; "all" leaves out every one. The server ends when its standard
input closes, so it cannot outlive the process that started it. With `--detached=<folder>` it lives until
SIGTERM, and then removes the folder.
"""

import importlib
import os
import pathlib
import shutil
import signal
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent


def end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(os.getpgid(0), signal.SIGKILL)


def apply_patches(left_out: set[str]) -> None:
    """Applies each patch in the order of its name, so that every run is the same."""
    sys.path.insert(0, str(HERE))
    names = sorted(file.stem for file in (HERE / "patches").glob("*.py") if not file.stem.startswith("_"))
    unknown = left_out - set(names) - {"all"}
    if unknown:
        raise SystemExit(f"launcher: no such patch: {', '.join(sorted(unknown))}")
    for name in names:
        if "all" not in left_out and name not in left_out:
            importlib.import_module(f"patches.{name}").apply()


def main() -> None:
    arguments = set(sys.argv[1:])
    detached = next((a for a in arguments if a.startswith("--detached=")), None)
    sys.argv = sys.argv[:1]
    apply_patches(arguments - {detached})
    if detached is None:
        threading.Thread(target=end_with_parent, daemon=True).start()
    from ministack.app import main as serve

    try:
        serve()
    finally:
        if detached is not None:
            shutil.rmtree(detached.removeprefix("--detached="), ignore_errors=True)


main()
