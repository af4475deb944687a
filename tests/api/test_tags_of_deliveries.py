"""Whatever bills are delivered, sums by tag and quantities are those of the newest that has the day."""

from collections import Counter
from decimal import Decimal

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.names import compare_name
from kumo.engine.imports import lifecycle
from kumo.services import Services
from tests.api.bills import listed
from tests.api.test_tags import JUNE, sums, tagged
from tests.engine.imports.bills import focus, load, sound

teams = st.sampled_from(["ml", "ML", " ml", "web", "", "\u00e9", "e\u0301"])
lines = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["EC2", "S3", "ec2"]),
    st.decimals("-10", "1000", places=8),
    teams,
    st.integers(0, 9),
)
deliveries = st.lists(st.lists(lines, min_size=1, max_size=12), min_size=1, max_size=4)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(bills=deliveries, forget=st.booleans())
def test_after_any_deliveries_sums_by_tag_are_those_of_the_newest(
    client: FlaskClient, built: Services, bills: list[list[tuple[int, str, Decimal, str, int]]], *, forget: bool
) -> None:
    built.store.client.flushall()
    client.application.extensions.pop("kumo.layout", None)
    expected: dict[tuple[int, str], list[tuple[Decimal, str, int]]] = {}
    for bill in bills:
        days = {day for day, *_ in bill}
        expected = {at: held for at, held in expected.items() if not min(days) <= at[0] <= max(days)}
        for day, service, cost, team, quantity in bill:
            expected.setdefault((day, service.casefold()), []).append((cost, team, quantity))
        rows = [tagged(day, cost, service, str(quantity), team=team) for day, service, cost, team, quantity in bill]
        last = load(built, focus(*rows))
    if forget and last.added.entries + last.changed.entries + last.unchanged.entries:
        days = {day for day, *_ in bills[-1]}
        lifecycle.forget(built, last.id)
        expected = {at: held for at, held in expected.items() if not min(days) <= at[0] <= max(days)}
    exact: Counter[tuple[int, str]] = Counter()
    sizes: Counter[tuple[int, str]] = Counter()
    for (day, _), held in expected.items():
        for cost, team, _ in held:
            exact[day + 1, compare_name(team)] += cost  # type: ignore[assignment]
            sizes[day + 1, compare_name(team)] += 1
    found = {(day, compare_name(key)): Decimal(amount) for (day, key), amount in sums(client).items()}
    assert {key for key, size in sizes.items() if size} == set(found)
    for key, amount in found.items():
        assert abs(amount - exact[key]) < Decimal("0.000004"), "each of three series is rounded to a micro"
    whole = {
        int(each["date"][-2:]): each["amount_exact"] for each in listed(client, "/costs/summary", by="none", **JUNE)
    }
    by_day: dict[int, Decimal] = {}
    for (day, _), amount in found.items():
        by_day[day] = by_day.get(day, Decimal(0)) + amount
    assert by_day == {day: Decimal(amount) for day, amount in whole.items()}
    used = sorted(each["quantity"] for each in listed(client, "/costs/"))
    assert used == sorted(sum(quantity for *_, quantity in held) for held in expected.values())
    sound(built)
