"""A problem document (RFC 9457): the format of every refusal."""

from marshmallow import Schema, fields


def _about(description: str, example: object) -> dict[str, object]:
    return {"description": description, "examples": [example]}


class FieldProblemSchema(Schema):
    """One fault in one field."""

    field = fields.String(
        required=True,
        metadata=_about("The field, parameter or header; empty for the whole request.", "amount"),
    )
    detail = fields.String(required=True, metadata=_about("What is wrong with it.", "must be a finite number"))
    index = fields.Integer(metadata=_about("The entry's place in its batch, from 0.", 3))
    pointer = fields.String(metadata=_about("The place in the body: a JSON Pointer as URI fragment.", "#/3/amount"))


class ProblemSchema(Schema):
    """The reason of a refusal; nothing of the request was done."""

    type = fields.String(required=True, metadata=_about("about:blank: see title.", "about:blank"))
    title = fields.String(required=True, metadata=_about("The HTTP status in words.", "Unprocessable Entity"))
    status = fields.Integer(required=True, metadata=_about("The HTTP status.", 422))
    detail = fields.String(
        required=True,
        metadata=_about("What is wrong, as text for people.", "[3].amount: must be a finite number"),
    )
    errors = fields.List(
        fields.Nested(FieldProblemSchema),
        metadata={"description": "Each wrong field, at most 100."},
    )
    reasons = fields.List(fields.String(), metadata=_about("Why the service is not ready.", ["Redis is away."]))
    request_id = fields.String(metadata=_about("As in X-Request-Id and in the service's log.", "3f1c2e805d0b4a77"))
