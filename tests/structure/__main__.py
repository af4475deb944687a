"""`python -m tests.structure`: the source in figures, and with `--names` the names behind them."""

import click

from tests.structure import mirror, source, walk


def _row(name: str, spread: source.Spread) -> str:
    return f"| {name} | {spread.count} | {spread.median:g} | {spread.tail:g} | {spread.largest} |"


@click.command()
@click.option("--names", is_flag=True, help="List the names too.")
def main(*, names: bool) -> None:
    """Print figures of the source, and the walk of one cost."""
    figures, walked = source.measure(), walk.follow()
    click.echo("| | count | median | 90th percentile | largest |\n|---|---|---|---|---|")
    click.echo(_row("files, in lines", figures.files))
    click.echo(_row("functions, in lines", figures.functions))
    click.echo(_row("parameters of a function", figures.parameters))
    click.echo(_row("scripts, in lines", figures.scripts))
    click.echo(_row("sentences of docstrings, in words", figures.docstrings))
    click.echo(_row("sentences of the documents, in words", figures.documents))
    click.echo("\n| | |\n|---|---|")
    click.echo(f"| classes that several modules define | {len(figures.repeated)} |")
    click.echo(f"| functions named by a participle | {len(figures.participles)} |")
    click.echo(f"| imports of our own that are renamed | {len(figures.renamed)} |")
    click.echo(f"| constructors that are given a splatted tuple | {len(figures.splatted)} |")
    click.echo(f"| constructors that are given more than two numbers by place | {len(figures.numbered)} |")
    elsewhere = sum(name in mirror.ELSEWHERE for name in figures.untested)
    click.echo(f"| modules with logic of their own that no test file mirrors | {len(figures.untested)} |")
    click.echo(f"| of these, tested in the file of another module, for a reason | {elsewhere} |")
    click.echo(f"| files that one cost passes from the request to Slack | {len(walked.files)} |")
    click.echo(f"| times that the walk turns from one file to another | {walked.turns} |")
    if names:
        repeated = (f"{name} ×{count}" for name, count in figures.repeated.items())
        for title, rows in (
            ("classes", repeated),
            ("participles", figures.participles),
            ("renamed", figures.renamed),
            ("splatted", figures.splatted),
            ("numbered", figures.numbered),
            ("untested", figures.untested),
            ("walk", walked.files),
        ):
            click.echo(f"\n{title}\n" + "\n".join(f"    {row}" for row in rows))


main()
