"""Endpoints of policies."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kumo.api.blueprint import Blueprint, services
from kumo.api.response_cache import conditional
from kumo.api.schemas.policies import ExpectedHeaders, PolicyBody, PolicySchema, WrittenPolicySchema
from kumo.domain.policies import NAMES, Expected, KeptPolicy, Policy, parse_name
from kumo.engine.detection import policies
from kumo.engine.detection.policies import WrittenPolicy
from kumo.errors import FieldError, InvalidQueryError

blp = Blueprint("policies", __name__, url_prefix="/policies", description="How series are judged.")

NAME: Final = [
    {
        "in": "path",
        "name": "name",
        "schema": {"type": "string", "pattern": f"^{NAMES.pattern}$"},
        "example": PolicySchema.example()["name"],
    }
]
_ETAG: Final = {
    "ETag": {
        "description": "Differs after each change; send it back as If-Match.",
        "schema": {"type": "string", "examples": ['"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"']},
    }
}


@blp.route("/")
@blp.response(200, PolicySchema(many=True), description="All policies.", example=[PolicySchema.example()])
@blp.refuses()
@blp.doc(operationId="listPolicies")
def list_policies() -> Sequence[KeptPolicy]:
    """List the policies in the order in which they are checked.

    If none covers an entry, the settings apply.
    """
    return policies.list_all(services())


@blp.route("/<string:name>", methods=["GET"], parameters=NAME)
@conditional
@blp.response(200, PolicySchema, description="The policy.", example=PolicySchema.example(), headers=_ETAG)
@blp.refuses(404)
@blp.doc(operationId="getPolicy")
def find(name: str) -> tuple[KeptPolicy, dict[str, str]]:
    """Show one policy."""
    found = policies.find(services(), name)
    return found, _etag_of(found)


@blp.route("/<string:name>", methods=["PUT"], parameters=NAME)
@blp.arguments(PolicyBody(), example=PolicyBody.example())
@blp.arguments(ExpectedHeaders(), location="headers")
@blp.response(
    200,
    WrittenPolicySchema,
    description="The stored policy.",
    example=WrittenPolicySchema.example(),
    headers=_ETAG,
)
@blp.refuses(400, 408, 409, 412, 413, 415, 422)
@blp.doc(operationId="putPolicy")
def put(policy: Policy, expected: Expected, name: str) -> tuple[WrittenPolicy, dict[str, str]]:
    """Store a policy, or replace the one with this name.

    It applies to entries that are judged from now on; earlier verdicts stay.
    """
    try:
        named = replace(policy, name=parse_name(name))
    except ValueError as error:
        raise InvalidQueryError([FieldError("name", str(error))]) from None
    written = policies.put(services(), named, expected)
    return written, _etag_of(written)


@blp.route("/<string:name>", methods=["DELETE"], parameters=NAME)
@blp.arguments(ExpectedHeaders(), location="headers")
@blp.response(204, description="It does not exist any more.")
@blp.refuses(404, 412, 422)
@blp.doc(operationId="deletePolicy")
def remove(expected: Expected, name: str) -> None:
    """Remove a policy."""
    policies.remove(services(), name, expected)


def _etag_of(row: KeptPolicy | WrittenPolicy) -> dict[str, str]:
    return {"ETag": f'"{row.revision}"'}
