"""The command, as `pagelake` or `python -m flows`.

Render workers import the main module of the process they belong to. This one costs them nothing.
"""


def main() -> None:
    """Run the command as a process of its own."""
    from flows.cli import main as command

    command()


if __name__ == "__main__":
    main()
