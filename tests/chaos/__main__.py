"""`python -m tests.chaos`: attack Kumo, and report the results."""

import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from tests.chaos import report
from tests.chaos.ablations import ABLATIONS, table
from tests.chaos.server import Server
from tests.chaos.storm import Plan, attack


@click.command()
@click.option("--seed", type=int, help="Where chance starts from; another one each time if not given.")
@click.option("--kills", default=500, help="Kills after which the attack ends.")
@click.option("--seconds", default=900.0, help="Seconds after which it ends at the latest.")
@click.option("--pause", default=1.5, help="Seconds from one kill at random to the next, on average.")
@click.option("--appendfsync", type=click.Choice(["everysec", "always"]), default="always")
@click.option("--heal/--no-heal", default=True, help="Wait until RQ has forgotten the jobs of the dead.")
@click.option("--through-up", is_flag=True, help="Run all under `python -m kumo up`, which has to restart it.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder in which data, logs and journal stay.")
@click.option("--ablate", type=click.Choice([*ABLATIONS, "all"]), help="Switch a safeguard off instead.")
def main(ablate: str | None, **options: Any) -> None:  # noqa: ANN401 - those of the attack
    """Kill Kumo's processes while costs come in, then count every entry and every alert."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    sys.exit(_ablate(ablate) if ablate else _attack(**options))


def _ablate(name: str) -> int:
    names = list(ABLATIONS) if name == "all" else [name]
    with tempfile.TemporaryDirectory(prefix="kumo-chaos-") as folder:
        server = Server(Path(folder), "always")
        server.start()
        try:
            right = [_say(line) and fine for line, fine in table(server.url, names)]
        finally:
            server.kill()
    return 0 if all(right) else 1


def _say(line: str) -> bool:
    click.echo(line)
    return True


def _attack(seed: int | None, *, keep: Path | None, **options: Any) -> int:  # noqa: ANN401 - those of the plan
    chosen = random.randrange(10**6) if seed is None else seed
    begun = time.monotonic()
    outcome = attack(
        Plan(chosen, **options),
        lambda text: click.echo(f"{time.monotonic() - begun:5.0f} s  {text}", err=True),
        keep,
    )
    for line in report.lines(outcome):
        click.echo(line)
    return 0 if outcome.findings.clean else 1


if __name__ == "__main__":
    main()
