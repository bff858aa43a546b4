"""The command `dslnas`: one file for each sub-command; errors become messages and exit codes here.

Exit codes: 0 fine, 1 the input is wrong, 2 usage, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from dslnas.base.processors import launched

from . import (
    bench,
    cache,
    check,
    data,
    diff,
    explain,
    export,
    fmt,
    front,
    grammar,
    importing,
    listen,
    lsp,
    plan,
    predict,
    printing,
    prune,
    rank,
    render,
    report,
    run,
    search,
    sweep,
    test,
    toy,
    train,
    transfer,
)
from .words import WordsCommand, WordsGroup


class Commands(WordsGroup):
    """The group of sub-commands, in the order in which they are added; reports their errors to the user."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command of the arguments; `dslnas genotype.json` and `dslnas RUN` are short for `print`."""
        from dslnas.base.run_folder import GENOTYPE

        name = args[0]
        if name not in self.commands and (name.endswith(".json") or (Path(name) / GENOTYPE).is_file()):
            args = ["print", *args]
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command line.

        A process among those that `torchrun` has started ends at once when it is done: taking down the
        connections of gloo, whose threads are still running, has aborted some.
        """
        try:
            return super().main(*args, **options)
        except SystemExit as end:
            if launched():
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(end.code if isinstance(end.code, int) else end.code is not None)
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run a command; errors are printed and end it with exit code 1, Ctrl-C with 130."""
        from dslnas.base.diagnostics import DslnasError

        from .terminal import print_diagnostics, print_more, say

        try:
            return super().invoke(ctx)
        except DslnasError as error:
            print_diagnostics(error.diagnostics)
            print_more(error.diagnostics)
            raise typer.Exit(1) from None
        except RecursionError:
            from .check import too_deep

            print_diagnostics([too_deep("the input")])
            raise typer.Exit(1) from None
        except BrokenPipeError:
            raise  # the reader of stdout is gone: typer ends quietly
        except OSError as error:
            if error.filename is None and error.errno is None:
                raise
            place = f": {error.filename}" if error.filename else ""
            say(f"error: {error.strerror or error}{place}")
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            say("interrupted")
            raise typer.Exit(130) from None
        finally:
            _part()


def _meet() -> None:
    """Join the processes that `torchrun` has started; all but the first follow that one, and end with it."""
    from dslnas.train.processes import join

    if join().rank > 0:
        from dslnas.runs.together import follow

        follow()
        time.sleep(1)  # until the one that leads has heard that all are done
        raise typer.Exit


def _part() -> None:
    """Let the processes go that have joined."""
    if launched():
        from dslnas.train.processes import leave

        leave()


app = typer.Typer(
    cls=Commands,
    help="Neural-architecture-search spaces written as text: check them, search them, train what was found.",
    epilog="Example: dslnas run ss1 --data digits",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("check", cls=WordsCommand, epilog=check.EXAMPLE)(check.check)
# A name may be a sign: `->` is no option.
app.command("explain", epilog=explain.EXAMPLE, context_settings={"ignore_unknown_options": True})(
    explain.explain
)
app.command("fmt", epilog=fmt.EXAMPLE)(fmt.fmt)
app.command("grammar", epilog=grammar.EXAMPLE)(grammar.grammar)
app.command("diff", epilog=diff.EXAMPLE)(diff.diff)
app.command("plan", epilog=plan.EXAMPLE)(plan.plan)
app.command("run", epilog=run.EXAMPLE)(run.run)
app.command("search", epilog=search.EXAMPLE)(search.search)
app.command("sweep", epilog=sweep.EXAMPLE)(sweep.sweep)
app.command("train", epilog=train.EXAMPLE)(train.train)
app.command("prune", epilog=prune.EXAMPLE)(prune.prune)
app.command("front", epilog=front.EXAMPLE)(front.front)
app.command("rank", epilog=rank.EXAMPLE)(rank.rank)
app.command("test", epilog=test.EXAMPLE)(test.test)
app.command("print", epilog=printing.EXAMPLE)(printing.print_genotype)
app.command("import", epilog=importing.EXAMPLE)(importing.import_genotype)
app.command("render", epilog=render.EXAMPLE)(render.render)
app.command("report", epilog=report.EXAMPLE)(report.report)
app.command("transfer", epilog=transfer.EXAMPLE)(transfer.transfer)
app.command("export", epilog=export.EXAMPLE)(export.export)
app.command("bench", epilog=bench.EXAMPLE)(bench.bench)
app.command("predict", epilog=predict.EXAMPLE)(predict.predict)
app.command("listen", epilog=listen.EXAMPLE)(listen.listen)
app.command("toy", epilog=toy.EXAMPLE)(toy.toy)
app.command("lsp", epilog=lsp.EXAMPLE)(lsp.lsp)
app.add_typer(data.app, name="data")
app.command("cache", epilog=cache.EXAMPLE)(cache.cache)


def _print_version(wanted: bool) -> None:
    if wanted:
        from dslnas import __version__

        typer.echo(f"dslnas {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
    plugins: Annotated[
        list[str] | None,
        typer.Option(
            "--plugin",
            metavar="PLUGIN",
            envvar="DSLNAS_PLUGINS",
            help="A .py file or an installed module with primitives of your own. Repeatable.",
        ),
    ] = None,
) -> None:
    """Neural-architecture-search spaces written as text: check them, search them, train what was found."""
    from dslnas.base.processors import sleep_while_waiting

    from .terminal import any_text

    sleep_while_waiting()  # before anything imports torch
    any_text(sys.stdout, sys.stderr)
    if plugins:
        from dslnas.ir.primitives.plugins import load_plugins

        load_plugins(plugins)
    if launched():
        _meet()
