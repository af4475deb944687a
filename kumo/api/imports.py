"""Endpoints of imports: upload a bill, follow its import, forget it."""

from typing import Final

from flask import request

from kumo.api import forms, paging
from kumo.api.blueprint import Blueprint, identify, services
from kumo.api.schemas import cursors
from kumo.api.schemas.bills import ImportForm
from kumo.api.schemas.imports import ImportSchema, ImportsQuery
from kumo.engine.imports import uploads
from kumo.engine.imports.uploads import ImportProgress
from kumo.engine.queries.views import Query

blp = Blueprint("imports", __name__, url_prefix="/imports", description="Bills and their imports.")

_BODY: Final = {
    "required": True,
    "content": {forms.MULTIPART: {"schema": ImportForm, "example": ImportForm.example()}},
}
_LOCATION: Final = {
    "Location": {"description": "The import.", "schema": {"type": "string", "examples": ["/imports/42"]}}
}


@blp.route("/", methods=["POST"])
@blp.response(
    202,
    ImportSchema,
    description="Accepted for import; its Location shows the progress.",
    example=ImportSchema.waiting_example(),
    headers=_LOCATION,
)
@blp.refuses(400, 408, 413, 415, 422, 507)
@blp.doc(operationId="importBill", requestBody=_BODY)
def upload() -> tuple[ImportProgress, dict[str, str]]:
    """Upload a bill for an import.

    It replaces the earlier costs of its accounts and days; uploading the same bytes again changes nothing. Days
    past the retention do not change (`left_out`). An acknowledged upload waits up to a day for an importer,
    or longer while an importer has no room for it.
    """
    built = services()
    with (
        uploads.reserve_room(built, request.content_length) as room,
        forms.bill(request, uploads.largest_upload(built)) as brought,
    ):
        taken = uploads.receive(built, brought.file.stream, forms.name_of(brought.file), brought.choices, room)
    return taken, {"Location": f"/imports/{taken.row.id}"}


@blp.route("/")
@blp.arguments(ImportsQuery, location="query")
@blp.response(
    200,
    ImportSchema(many=True),
    description="A page of imports.",
    example=[ImportSchema.example_of_done()],
    headers=paging.LINK,
)
@blp.refuses(422)
@blp.doc(operationId="listImports")
def imports(wanted: Query) -> tuple[object, dict[str, str]]:
    """List imports, newest first."""
    return paging.answer(uploads.list_uploads(services(), wanted), cursors.IMPORTS)


@blp.route("/<string:import_id>", parameters=identify("import_id", ImportSchema))
@blp.response(200, ImportSchema, description="The import.", example=ImportSchema.example_of_done())
@blp.refuses(404)
@blp.doc(operationId="getImport")
def one_import(import_id: str) -> ImportProgress:
    """Show one import and its progress."""
    return uploads.find(services(), import_id)


@blp.route("/<string:import_id>", methods=["DELETE"])
@blp.response(
    200,
    ImportSchema,
    description="Its entries are removed.",
    example=ImportSchema.forgotten_example(),
)
@blp.refuses(404, 409)
@blp.doc(operationId="forgetImport")
def forget(import_id: str) -> ImportProgress:
    """Forget an import: remove the entries that it was the last to write.

    Entries that it replaced do not come back; import that bill again. Days past the retention do not
    change, and a note says so. An import that waits or is being read is cancelled.
    """
    return uploads.forget(services(), import_id)
