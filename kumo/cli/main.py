"""The commands of `python -m kumo`."""

import json
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime

import click
import redis

from kumo import logs, outages, services, settings
from kumo.cli import archive, backtest, imports, rebuild, supervisor, watch
from kumo.cli.demo import run_demo
from kumo.cli.output import json_option, moment, print_json
from kumo.domain.access import KeyScope
from kumo.engine.detection import policy_warnings
from kumo.engine.ops import access, delivery_problems, health, preflight
from kumo.engine.ops.server import open_services, serve
from kumo.engine.ops.verification import verify_sums
from kumo.errors import KumoError
from kumo.jobs import FUNCTIONS


def main() -> None:
    """Run the command line; an error of Kumo is a sentence and exit code 1, not a traceback."""
    try:
        cli()
    except KumoError as error:
        sys.exit(f"kumo: {error}")
    except redis.RedisError as error:
        passing = outages.unavailable(error)
        if passing is None:
            raise
        sys.exit(f"kumo: {passing}")


@click.group()
def cli() -> None:
    """Kumo finds unusual cloud costs and alerts a team."""
    logs.configure(settings.load().log_level)


cli.add_command(backtest.backtest)
cli.add_command(imports.import_)
cli.add_command(imports.imports)
cli.add_command(watch.watch)
cli.add_command(archive.export)
cli.add_command(archive.restore)
cli.add_command(rebuild.rebuild)


@cli.command()
def up() -> None:
    """Run everything: web, a judge, a notifier, an importer and, if none is set, a Redis. Ctrl-C stops all.

    A process that ends is started again. Exit code 1 if something is missing, or if a process repeatedly ends at once.
    """
    own = settings.load()
    preflight.check(own)
    with supervisor.exiting(), serve() as chosen:
        built = services.build(chosen)
        built.check_layout()
        access.refuse_to_stand_open(built)
        click.echo(f"Kumo at http://{chosen.host}:{chosen.port}", err=True)
        for sentence in (*settings.find_near_misses(), *delivery_problems.find_problems(built)):
            click.echo(sentence, err=True)
        environ = settings.environment() | {"REDIS_URL": chosen.redis_url}
        code = supervisor.run(environ, None if own.redis_url else own.data_dir)
    sys.exit(code)


@cli.command()
@click.option("--once", is_flag=True, help="Stop after the alerts instead of serving until Ctrl-C.")
def demo(*, once: bool) -> None:
    """Run everything with sixty days of a made-up company, post what happens today, show the alerts.

    Settings keep their defaults, and the data is removed at the end.
    """
    sys.exit(run_demo(settings.load(), once=once))


@cli.command()
@json_option
def check(*, as_json: bool) -> None:
    """Check that the settings are valid, that Redis is reachable and safe, and whether alerts are sent.

    The exit code is 1 for faults to fix before Kumo may run. Warnings do not stop recording, so
    they do not fail a release.
    """
    with serve() as chosen:
        looked_at = services.build(chosen)
        found = health.examine(looked_at)
        wrong = found.late + found.wrong
        more = (
            [] if wrong else [*policy_warnings.find_all_warnings(looked_at), *delivery_problems.find_waiting(looked_at)]
        )
        alerts = "" if wrong or found.warnings else delivery_problems.describe(looked_at)
    warnings = [*found.unknown, *settings.find_near_misses(), *found.warnings, *more]
    if as_json:
        print_json({"ok": not wrong, "wrong": wrong, "warnings": warnings, "alerts": alerts or None})
        sys.exit(1 if wrong else 0)
    for sentence in (*warnings, *wrong):
        click.echo(sentence, err=True)
    click.echo(f"{len(wrong)} to fix." if wrong else f"Settings and Redis are fine. {alerts}".rstrip())
    sys.exit(1 if wrong else 0)


@cli.command()
@json_option
def verify(*, as_json: bool) -> None:
    """Recompute every stored sum from the entries; exit code 1 if one differs.

    Days that the retention has reached have lost entries: their totals cannot be verified, and are named.
    """
    with open_services() as ready:
        found = verify_sums(ready)
    if as_json:
        print_json(asdict(found))
    else:
        archive.tell_differences(found)
    sys.exit(1 if found.differences else 0)


@cli.command()
@click.argument("kind", type=click.Choice(list(FUNCTIONS)))
def worker(kind: str) -> None:
    """Run one worker process: it judges, notifies or imports, as KIND says."""
    import worker.__main__

    sys.exit(worker.__main__.main([kind]))


@cli.group()
def keys() -> None:
    """Manage API keys: add one, list them, revoke one."""


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in KeyScope]),
    help="May be repeated.",
)
@json_option
def add(name: str, scopes: tuple[str, ...], *, as_json: bool) -> None:
    """Create the key NAME and print it, once: only its digest is stored."""
    with open_services() as ready:
        token = access.issue(ready, name, scopes)
    if as_json:
        print_json({"name": name, "key": token, "scopes": sorted(scopes)})
    else:
        click.echo(token)


@keys.command(name="list")
@json_option
def list_keys(*, as_json: bool) -> None:
    """List the names and scopes of all keys."""
    with open_services() as ready:
        found = access.list_keys(ready)
    if as_json:
        rows = [(key.name, sorted(key.scopes), moment(key.created_at)) for key in found]
        print_json({"keys": [dict(zip(("name", "scopes", "created_at"), row, strict=True)) for row in rows]})
        return
    for key in found:
        made = datetime.fromtimestamp(key.created_at / 1000, tz=UTC)
        click.echo(f"{key.name}\t{','.join(sorted(key.scopes))}\t{made:%Y-%m-%d}")
    if not found:
        click.echo("There is no key.", err=True)


@keys.command()
@click.argument("name")
@json_option
def revoke(name: str, *, as_json: bool) -> None:
    """Revoke the key NAME at once."""
    with open_services() as ready:
        access.revoke(ready, name)
    if as_json:
        print_json({"name": name})
    else:
        click.echo(f"{name} is revoked.")


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from kumo.app import create_app

    unserved = replace(settings.load(), redis_url="redis://127.0.0.1:1")
    app = create_app(services.build(unserved))
    click.echo(json.dumps(app.test_client().get("/openapi.json").get_json(), indent=2))
