"""Choosing how series are judged, and what is worth an alert."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kumo.api import services
from kumo.api.blueprint import Blueprint
from kumo.domain.rules import NAMES, Rule, parse_name
from kumo.engine import policies
from kumo.errors import FieldError, InvalidQueryError
from kumo.schemas.policies import RuleBody, RuleSchema

blp = Blueprint("policies", __name__, url_prefix="/policies", description="How series are judged.")

NAME: Final = [
    {
        "in": "path",
        "name": "name",
        "schema": {"type": "string", "pattern": f"^{NAMES.pattern}$"},
        "example": RuleSchema.example()["name"],
    }
]


@blp.route("/")
@blp.response(200, RuleSchema(many=True), description="All of them.", example=[RuleSchema.example()])
@blp.refuses()
@blp.doc(operationId="listPolicies")
def listed() -> Sequence[Rule]:
    """List the policies in the order in which they are asked.

    Where none covers an entry, the settings hold.
    """
    return policies.listed(services())


@blp.route("/<string:name>", methods=["GET"], parameters=NAME)
@blp.response(200, RuleSchema, description="The policy.", example=RuleSchema.example())
@blp.refuses(404)
@blp.doc(operationId="getPolicy")
def find(name: str) -> Rule:
    """Show one policy."""
    return policies.find(services(), name)


@blp.route("/<string:name>", methods=["PUT"], parameters=NAME)
@blp.arguments(RuleBody(), example=RuleBody.example())
@blp.response(200, RuleSchema, description="The policy as it is kept.", example=RuleSchema.example())
@blp.refuses(400, 408, 409, 413, 415, 422)
@blp.doc(operationId="putPolicy")
def put(rule: Rule, name: str) -> Rule:
    """Keep a policy, in place of the one of this name.

    It holds for what is judged from then on; what was judged keeps its verdict.
    """
    try:
        return policies.put(services(), replace(rule, name=parse_name(name)))
    except ValueError as error:
        raise InvalidQueryError([FieldError("name", str(error))]) from None


@blp.route("/<string:name>", methods=["DELETE"], parameters=NAME)
@blp.response(204, description="It is gone.")
@blp.refuses(404)
@blp.doc(operationId="deletePolicy")
def remove(name: str) -> None:
    """Remove a policy."""
    policies.remove(services(), name)
