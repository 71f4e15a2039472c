"""The verbs put together, and what becomes of an error.

A verb is a module of this package with a function of its own name; it becomes a command by standing in ``VERBS``.
Verbs import what they need inside their function, so that ``--help`` stays quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import typer

from realpolitik._version import __version__
from realpolitik.terms import RealpolitikError

from .output import note, show_error

VERBS = (
    "new", "check", "brief", "member", "pair", "resolution", "forecast", "announce", "run", "methods", "explain", "compare", "backtest", "ingest", "data", "schema", "export",
    "cite", "seal", "resolve", "verify", "score", "code", "review", "ask", "draft", "serve",
)  # fmt: skip

INTERRUPTED = 130  # the code with which typer ends a verb that did not handle an interrupt itself

app = typer.Typer(
    name="realpolitik",
    help="Where states stand when a crisis strains their ties, why, and what would change the answer.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", callback=_show_version, is_eager=True
    ),
) -> None:
    pass


def _add_verbs() -> None:
    for verb in VERBS:
        if find_spec(f"{__package__}.{verb}"):
            app.command(verb)(getattr(import_module(f"{__package__}.{verb}"), verb))


_add_verbs()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process: 0 done, 1 the input or the result says no, 2 usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(given, prog_name="realpolitik")
    except RealpolitikError as error:
        show_error(error, as_json="--json" in given)
        raise SystemExit(1) from error
    except SystemExit as end:
        if end.code == INTERRUPTED:
            note("interrupted")
        raise
    except BrokenPipeError:
        sys.stdout = None  # type: ignore[assignment]
        raise SystemExit(0) from None
