"""The options of `pagelake process`, as the command line shows them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

EngineChoice = Literal["auto", "local", "service"]
ImageFormat = Literal["jpeg", "png"]
AnswerFormat = Literal["json_schema", "json_object", "grammar"]


def open_lake(context: typer.Context, place: str) -> Path:
    """The folder of a lake, or of its working copy, which is kept up to date while the command runs.

    Raises:
        PagelakeError: As `lake_at`.
    """
    if "://" not in place:
        return Path(place)
    from pipeline.store.working_copy import lake_at

    return context.with_resource(lake_at(place))


def open_lakes(context: typer.Context, places: list[str]) -> list[Path]:
    """The folders of several lakes; raises as `open_lake`."""
    return [open_lake(context, place) for place in places]


_SERVICE, _IMAGES, _RUN, _BATCH = "Engine and model", "Page images", "Run", "Batch jobs"

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="Folders (searched through), files, quoted globs, addresses such as s3://bucket/folder, or "
        "@list.txt with one of these a line.",
        show_default=False,
    ),
]
Schema = Annotated[
    str,
    typer.Option(
        "--schema",
        "-s",
        metavar="NAME",
        help="Record type: a built-in name, package.module:Class, file.py:Class or file.json (JSON Schema).",
    ),
]
Out = Annotated[
    str,
    typer.Option(
        "--out", "-o", metavar="LAKE", help="Folder or address (s3://…) of the lake; made when missing."
    ),
]
Lake = Annotated[
    Path,
    typer.Argument(
        metavar="LAKE",
        parser=str,
        callback=open_lake,
        help="Folder or address (s3://…) of the lake.",
        show_default=False,
    ),
]
Pages = Annotated[
    str | None,
    typer.Option(metavar="RANGES", help="Work only these pages of each document, such as 1-3,7,10-."),
]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Work at most N documents.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Ask nothing: show documents, pages, requests, tokens and cost.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Prefect = Annotated[
    bool | None,
    typer.Option(
        "--prefect/--no-prefect",
        rich_help_panel=_RUN,
        help="Run as a Prefect flow, on a temporary server when no API is configured, or never. "
        "Left out: when an API is configured.",
    ),
]
Faults = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="TOML file that says what is to go wrong on purpose."),
]
Lexicon = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="TOML file with more words for labels."),
]
State = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Keeps datasets and batch jobs; without it they go with the server."),
]
FetchImages = Annotated[
    list[str] | None,
    typer.Option(
        metavar="HOST",
        help="Let requests name images at this host, as example.org or example.org:8443; may be repeated. "
        "Without it nothing is fetched.",
    ),
]
Explode = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LIST", help="Lay a list out as a table of its own as well, one row an item; may be repeated."
    ),
]
Evolve = Annotated[
    bool,
    typer.Option("--evolve", help="Bring records that a run wrote under other columns into the new ones."),
]
Prune = Annotated[
    bool,
    typer.Option(
        "--prune",
        help="Drop the rows of documents that no file holds any more, instead of marking them; answers stay.",
    ),
]
AcceptRemoved = Annotated[
    bool,
    typer.Option(
        "--accept-removed", help="Take files to be removed even where all or most of a source is gone."
    ),
]
Verbose = Annotated[
    int,
    typer.Option("--verbose", "-v", count=True, help="Log a line for each document; twice for everything."),
]
LogFormat = Annotated[
    Literal["text", "json"] | None,
    typer.Option(help="How log lines, progress and messages are written: for people, or for machines."),
]

Engine = Annotated[
    EngineChoice | None,
    typer.Option(
        rich_help_panel=_SERVICE,
        help="Who answers: the service, or the embedded local engine. auto: the service when a key or "
        "a base URL is configured.",
    ),
]
Model = Annotated[
    str | None, typer.Option(metavar="ID", rich_help_panel=_SERVICE, help="Model that answers.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL", rich_help_panel=_SERVICE, help="Any OpenAI-compatible API, up to and with /v1."
    ),
]
MaxTokens = Annotated[
    int | None, typer.Option(metavar="N", rich_help_panel=_SERVICE, help="Most tokens of one answer.")
]
ReasoningEffort = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL",
        rich_help_panel=_SERVICE,
        help="For models that take it: none, low, medium, high, max, or most tokens to think.",
    ),
]
ResponseFormat = Annotated[
    AnswerFormat | None,
    typer.Option(
        rich_help_panel=_SERVICE,
        help="What holds answers to the schema: json_object and grammar are for models that do not take "
        "json_schema.",
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="DOLLARS",
        rich_help_panel=_SERVICE,
        help="Stop before the answers of the run cost more.",
    ),
]
InFlight = Annotated[
    int | None,
    typer.Option(metavar="N", rich_help_panel=_SERVICE, help="Most requests at the service at once."),
]

LongSide = Annotated[
    int | None,
    typer.Option(metavar="PX", rich_help_panel=_IMAGES, help="Long side of a page image in pixels."),
]
Quality = Annotated[
    int | None, typer.Option(metavar="1-95", rich_help_panel=_IMAGES, help="JPEG quality of the page images.")
]
Format = Annotated[
    ImageFormat | None,
    typer.Option("--image-format", rich_help_panel=_IMAGES, help="How page images are encoded."),
]
MaxImages = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        rich_help_panel=_IMAGES,
        help="Most page images in one request; longer documents are asked in parts.",
    ),
]
Password = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        rich_help_panel=_RUN,
        help="Tried on documents that ask for a password. Other users of this machine can see it in the "
        "list of processes: PAGELAKE_PASSWORD and --password-file are safer.",
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=_RUN,
        help='TOML file with a pattern and its password a line, such as "north/*.pdf" = "secret".',
    ),
]
Road = Annotated[
    Literal["online", "batch", "auto"],
    typer.Option(
        rich_help_panel=_BATCH,
        help="Ask at once, by batch jobs at half the price, or by jobs until the time runs short.",
    ),
]
Remainder = Annotated[
    Literal["continue", "resubmit", "online", "leave"],
    typer.Option(
        rich_help_panel=_BATCH,
        help="What becomes of requests that a job leaves without an answer: the job is continued, they go "
        "into another, are asked online, or are left as failures for the next run.",
    ),
]
ReadyBy = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        rich_help_panel=_BATCH,
        help="HH:MM, or a date with a time: what jobs have not answered is asked online in time for it.",
    ),
]
Cleanup = Annotated[
    bool,
    typer.Option(
        "--cleanup",
        rich_help_panel=_BATCH,
        help="Delete the datasets at the service when their answers are in the lake.",
    ),
]
