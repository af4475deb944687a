import pytest

from kumo.api.schemas.alerts import AlertSchema
from kumo.api.schemas.anomalies import AnomalySchema
from kumo.api.schemas.costs import CostSchema, DailyTotalSchema
from kumo.api.schemas.fields import AnswerSchema, rfc3339
from kumo.api.schemas.series import SeriesSchema

ANSWERS = [AlertSchema, AnomalySchema, CostSchema, DailyTotalSchema, SeriesSchema]


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_769_850_000_000, "2026-01-31T09:00:00.000Z"),
        (1_769_850_000_999, "2026-01-31T09:00:00.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_time_is_shown_to_the_millisecond(milliseconds: int, shown: str) -> None:
    assert rfc3339(milliseconds) == shown


@pytest.mark.parametrize("schema", ANSWERS)
def test_every_field_of_an_answer_is_described_and_has_an_example(schema: type[AnswerSchema]) -> None:
    fields = schema().fields
    assert set(schema.example()) == set(fields)
    assert all(field.metadata["description"].endswith((".", "%")) for field in fields.values())
    assert all(field.required for field in fields.values())
