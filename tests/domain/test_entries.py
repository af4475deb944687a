import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain import entries
from kumo.domain.entries import Entry, Series, read_entry

NOW = 1_800_000_000_000
GOOD = {"service": "AWS EC2", "amount": 50.5}


def errors(**fields: object) -> dict[str, str]:
    found = read_entry(GOOD | fields, NOW)
    assert isinstance(found, list), found
    return {error.field: error.detail for error in found}


def test_an_entry_needs_only_a_service_and_an_amount() -> None:
    assert read_entry(GOOD, NOW) == Entry(Series("AWS EC2", "USD"), 50_500_000, NOW, timestamp_given=False)


def test_null_counts_as_absent_where_a_field_is_optional() -> None:
    optional = dict.fromkeys(set(entries.FIELDS) - set(entries.REQUIRED))
    assert read_entry(GOOD | optional, NOW) == read_entry(GOOD, NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("service", ""),
        ("service", " \t"),
        ("service", "\u200b\u3164"),
        ("service", None),
        ("service", 5),
        ("service", "x" * 201),
        ("service", "\ud800"),
        ("amount", None),
        ("amount", "NaN"),
        ("currency", "usd"),
        ("currency", "XXX"),
        ("currency", ["USD"]),
        ("timestamp", "2026-01-31"),
        ("timestamp", "2026-01-31T09:00:00"),  # no offset
        ("timestamp", "2026-02-30T09:00:00Z"),
        ("timestamp", "0001-01-01T00:00:00Z"),
        ("timestamp", "0001-01-01T00:00:00+23:59"),
        ("timestamp", "1969-12-31T23:59:59Z"),
        ("timestamp", "9999-12-31T23:59:59Z"),
        ("timestamp", "9999-12-31T23:59:59-23:59"),
        ("timestamp", 1_700_000_000),
        ("provider", "x" * 201),
        ("account", 1),
        ("region", []),
        ("tags", ["a"]),
        ("tags", {"a": 1}),
        ("tags", {str(number): "x" for number in range(51)}),
        ("tags", {"x" * 201: "a"}),
        ("external_id", "x" * 201),
        ("quantity", "many"),
        ("unit", 1),
        ("resource", "x" * 201),
        ("charge_category", "Usages"),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    assert list(errors(**{field: value})) == [field]


def test_everything_wrong_is_said_at_once() -> None:
    found = read_entry({"amount": "x", "currency": "?"}, NOW, index=3)
    assert isinstance(found, list)
    assert [str(error) for error in found] == [
        "[3].amount: must be a decimal number such as 12.50, without separators or currency signs",
        "[3].currency: must be an ISO 4217 code in capitals, such as USD",
        "[3].service: is required",
    ]


@pytest.mark.parametrize("raw", [None, [], "x", 5])
def test_what_is_no_object_is_refused(raw: object) -> None:
    assert isinstance(read_entry(raw, NOW), list)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("2026-01-31T09:00:00.1239Z", 1_769_850_000_123),
        ("2026-01-31t09:00:00z", 1_769_850_000_000),
    ],
)
def test_a_time_is_kept_to_the_millisecond_in_utc(text: str, milliseconds: int) -> None:
    assert entries.parse_timestamp(text) == milliseconds


def test_a_time_may_lie_a_day_ahead_and_no_more() -> None:
    day = entries.DAY_MS
    assert isinstance(read_entry(GOOD | {"timestamp": "2027-01-16T08:00:00Z"}, NOW), Entry)
    assert isinstance(read_entry(GOOD | {"timestamp": "2027-01-16T08:00:00.001Z"}, NOW), list)
    assert entries.parse_timestamp("2027-01-16T08:00:00Z") == NOW + day


texts = st.text(max_size=20)


@given(st.lists(st.tuples(texts, texts, texts, texts, st.sampled_from(["USD", "EUR"])), unique=True, max_size=30))
def test_series_that_differ_have_ids_that_differ(identities: list[tuple[str, ...]]) -> None:
    ids = {Series(*(s, c), provider=p, account=a, region=r).id for p, a, r, s, c in identities}
    assert len(ids) == len(identities)
    assert all(entries.is_series_id(series_id) for series_id in ids)


@given(st.integers(0, 2**40 - 1))
def test_an_id_leads_back_to_its_entry(seq: int) -> None:
    series_id = Series("x", "USD").id
    assert entries.parse_entry_id(entries.entry_id(series_id, seq)) == (series_id, seq)


@pytest.mark.parametrize("text", ["", "x", "abcdefghijklmnop-1", "ABCDEFGHIJKLMNOP-0000000001", "../../etc/passwd"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert entries.parse_entry_id(text) is None


def test_series_spread_over_all_partitions() -> None:
    used = {entries.partition_of(Series(f"service {number}", "USD").id, 16) for number in range(300)}
    assert used == set(range(16))
