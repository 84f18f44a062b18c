"""The command line: ``learnosity-nb serve | sample | summarize | import | demo``."""

# ruff: noqa: D301  Click keeps the lines of a paragraph that begins with the character \b

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Literal, ParamSpec

import click

from . import __version__
from .errors import LearnosityError

__all__ = ["main"]

P = ParamSpec("P")

DIRECTORY = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def kindly(command: Callable[P, None]) -> Callable[P, None]:
    """Print this package's errors as messages, without a traceback; exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except LearnosityError as error:
            raise click.ClickException(str(error)) from None

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="learnosity-nb")
def main() -> None:
    """Group summaries and jobs of Learnosity, on your own machine.

    See it work, in JupyterLab, on synthetic learners:

    \b
      learnosity-nb demo

    Summarise your own files, without a notebook. Sessions have session_id,
    user_id, score and max_score; the roster has user_id, session_id and one
    column per level:

    \b
      learnosity-nb summarize --sessions sessions.csv --roster roster.csv \\
          --levels district,school,class -o groups.csv

    Serve a folder of files to other programs, by the vendors' own protocols:

    \b
      learnosity-nb sample data
      learnosity-nb serve --data data

    Each command has its own help: learnosity-nb summarize --help. In Python it
    is `import learnosity_nb as lnb`, then lnb.connect_local, lnb.connect or
    lnb.summarize_groups. An account's keys are read from
    LEARNOSITY_CONSUMER_KEY and LEARNOSITY_CONSUMER_SECRET there.
    """


@main.command()
@click.option("--data", type=DIRECTORY, required=True, help="Directory with sessions.csv (or .parquet, .ndjson).")
@click.option("--state", type=DIRECTORY, help="Where jobs and datasets are kept. [default: DATA/.learnosity_nb]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that run jobs.")
@click.option("--expose", is_flag=True, help="Allow a --host that other machines reach; secrets must be long.")
@click.option(
    "--allow-host", multiple=True, metavar="NAME", help="A further name the service is called by; repeatable."
)
@click.option(
    "--rate-limit",
    default=5000,
    show_default=True,
    type=click.IntRange(0),
    help="Calls of an endpoint by a consumer in 5 seconds; 0 for any number.",
)
@kindly
def serve(
    data: Path,
    state: Path | None,
    host: str,
    port: int,
    workers: int,
    expose: bool,  # noqa: FBT001
    allow_host: tuple[str, ...],
    rate_limit: int,
) -> None:
    """Serve a data directory over HTTP, for other programs.

    Prints the service's URL when it is ready, and runs until Ctrl-C or SIGTERM.
    Who may call stands in DATA/access.toml; where there is none, one with a
    random secret is made and its place is printed.

    \b
      learnosity-nb serve --data data
      learnosity-nb serve --data data --port 0 --workers 2
    """
    from .local.serving import serve as run

    run(
        data,
        state=state,
        host=host,
        port=port,
        workers=workers,
        expose=expose,
        allowed_hosts=allow_host,
        rate_limit=rate_limit,
        announce=lambda line: print(line, flush=True),
    )


@main.command()
@click.argument("directory", type=DIRECTORY)
@click.option("--seed", default=2026, show_default=True, help="The same seed gives the same files.")
@click.option(
    "--learners", default=480, show_default=True, type=click.IntRange(1, 1_000_000), help="How many learners."
)
@click.option(
    "--format",
    "file_format",
    default="csv",
    show_default=True,
    type=click.Choice(["csv", "parquet"]),
    help="Kind of the files.",
)
@kindly
def sample(directory: Path, seed: int, learners: int, file_format: Literal["csv", "parquet"]) -> None:
    """Write a synthetic world of schools and learners to DIRECTORY.

    Files that are there already are not overwritten.

    \b
      learnosity-nb sample data --learners 2000 --format parquet
    """
    from .files.sample_world import sample_world

    for path in sample_world(seed=seed, learners=learners).write(directory, format=file_format).values():
        print(path)


@main.command()
@click.option("--sessions", type=FILE, required=True, help="One row per session: .csv, .parquet or .ndjson.")
@click.option("--roster", type=FILE, required=True, help="user_id, session_id and one column per level.")
@click.option("--levels", required=True, help="Level columns from the top down, with commas between.")
@click.option("--fields", help="Figures, with commas between. [default: the specification's 20]")
@click.option("--mintime", help="Count only sessions completed at or after: RFC 3339 or Unix seconds.")
@click.option("--maxtime", help="Count only sessions completed at or before.")
@click.option("-o", "--output", type=FILE, required=True, help="A .csv, .xlsx, .parquet or .html file.")
@kindly
def summarize(
    sessions: Path,
    roster: Path,
    levels: str,
    fields: str | None,
    mintime: str | None,
    maxtime: str | None,
    output: Path,
) -> None:
    """Write the summary of every group of every level to a file.

    The kind of file goes by its name. A workbook has a sheet for each level.

    \b
      learnosity-nb summarize --sessions s.csv --roster r.csv \\
          --levels district,school,class -o groups.xlsx
      learnosity-nb summarize --sessions s.csv --roster r.csv \\
          --levels class --fields population,mean_percent,p25_percent \\
          --mintime 2026-01-01T00:00:00Z -o classes.csv
    """
    from .files.exports import write_frame
    from .summaries import summarize_groups

    frame = summarize_groups(
        sessions, roster, _names(levels), _names(fields) if fields else None, mintime=mintime, maxtime=maxtime
    )
    write_frame(frame, output)
    print(f"{output}: {len(frame)} groups")


@main.group("import")
def imports() -> None:
    """Make a data directory's learners and engagement files of other programs' files.

    \b
      learnosity-nb import edx-logs tracking.log* -o data
      learnosity-nb import oulad OULAD -o data
    """


@imports.command("edx-logs")
@click.argument("logs", type=FILE, nargs=-1, required=True)
@click.option("-o", "--output", type=DIRECTORY, required=True, help="The data directory.")
@kindly
def edx_logs(logs: tuple[Path, ...], output: Path) -> None:
    """Take edX tracking logs, plain or gzip: one JSON event a line.

    Lines that cannot be used are counted and left out; the first 20 are named.
    """
    from .files.importers.edx_logs import import_edx_logs

    print(import_edx_logs(logs, output))


@imports.command("oulad")
@click.argument("source", type=DIRECTORY)
@click.option("-o", "--output", type=DIRECTORY, required=True, help="The data directory.")
@kindly
def oulad(source: Path, output: Path) -> None:
    """Take the Open University Learning Analytics data set: the directory SOURCE of its CSV files.

    Rows that cannot be used are counted and left out; the first 20 are named.
    """
    from .files.importers.oulad import import_oulad

    print(import_oulad(source, output))


@main.command()
@click.argument("directory", type=DIRECTORY, default=Path("learnosity-nb-demo"))
@click.option("--no-browser", is_flag=True, help="Do not open a browser; the address is printed.")
@click.option("--port", default=8888, show_default=True, type=click.IntRange(1, 65535), help="JupyterLab's port.")
@kindly
def demo(directory: Path, no_browser: bool, port: int) -> None:  # noqa: FBT001
    """Open the demo notebooks over the sample world in JupyterLab.

    They are copied to DIRECTORY (learnosity-nb-demo); files that are there
    already stay as they are. Needs JupyterLab: pip install 'learnosity-nb[lab]'.

    \b
      learnosity-nb demo
      learnosity-nb demo my-folder --no-browser --port 8899
    """
    from .demo import FIRST_NOTEBOOK, check_lab, open_lab, prepare

    check_lab()
    prepare(directory)
    print(f"JupyterLab opens {directory / FIRST_NOTEBOOK}. Stop it with Ctrl-C.", flush=True)
    sys.exit(open_lab(directory, browser=not no_browser, port=port))


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",")]


if __name__ == "__main__":
    main()
