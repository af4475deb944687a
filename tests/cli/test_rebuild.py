"""The command `rebuild`."""

import json

from kumo import services as composition
from kumo import settings
from kumo.domain.entries import Entry, Series
from kumo.engine import ingest
from tests.cli.test_main import START, kumo

SERIES = Series("AWS EC2", "USD")


def test_rebuild_says_how_far_it_is_and_what_was_wrong(redis_url: str) -> None:
    services = composition.build(settings.load({"REDIS_URL": redis_url}))
    services.check_layout()
    ingest.ingest(services, [Entry(SERIES, 10**6, START)])
    fine = kumo("rebuild", REDIS_URL=redis_url)
    assert (fine.returncode, fine.stdout) == (0, "1 entries of 1 series. All totals were right.\n")
    assert "totals: 0 %" in fine.stderr
    assert "verdicts: 100 %" in fine.stderr
    [key] = services.store.client.scan_iter(match=f"kumo:{{*}}:daily:{SERIES.id}:*")
    services.store.client.delete(key)
    told = json.loads(kumo("rebuild", "--json", REDIS_URL=redis_url).stdout)
    assert (told["entries"], told["wrong_totals"], told["wrong_shares"]) == (1, 1, 0)
    assert "held nothing, its entries give 1 0 1000000" in told["differences"][0]
    assert kumo("verify", REDIS_URL=redis_url).returncode == 0
