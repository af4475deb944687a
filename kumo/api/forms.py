"""Forms with a file: read in pieces and stored on disk, never completely in memory."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, cast

from flask import Request
from marshmallow import ValidationError
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from kumo.api import bodies
from kumo.api.schemas.bills import ImportForm, Uploaded, size_of
from kumo.domain.entries import MAX_TEXT
from kumo.errors import InvalidQueryError

MULTIPART: Final = "multipart/form-data"
# Room for the other fields and the separators around the file. Werkzeug reads 64 KiB at a time, also of the file, and
# checks
# that against the same limit.
_AROUND: Final = 512 << 10
_MOST_PARTS: Final = 32


@contextmanager
def bill(request: Request, most: int) -> Iterator[Uploaded]:
    """Yield the bill of a request, with at most `most` bytes; its file is open inside. Raise `InvalidQueryError`."""
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType(f"Send the bill as {MULTIPART}, in a field named file.")
    with ExitStack() as opened:
        try:
            uploaded: Uploaded = ImportForm().load(_fields(request, opened, most))
        except ValidationError as error:
            raise InvalidQueryError(bodies.name_fields(error)) from None
        if size_of(uploaded.file) > most:
            raise RequestEntityTooLarge
        yield uploaded


def name_of(file: FileStorage) -> str:
    """Return the visible part of a file's name without its folders; some browsers send them."""
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    return "".join(filter(str.isprintable, name))[:MAX_TEXT]


def _fields(request: Request, opened: ExitStack, most: int) -> dict[str, Any]:
    def spool(*_: object, **__: object) -> IO[bytes]:
        return cast(IO[bytes], opened.enter_context(SpooledTemporaryFile(_AROUND)))

    parser = FormDataParser(
        spool,
        max_content_length=most + _AROUND,
        max_form_memory_size=_AROUND,
        max_form_parts=_MOST_PARTS,
        silent=False,
    )
    try:
        _, texts, files = parser.parse_from_environ(request.environ)
    except RequestEntityTooLarge:
        raise
    except Exception as error:  # a malformed form, or an error of the server for its chunks
        raise bodies.unreadable(error, "The form cannot be read: it is incomplete or malformed.") from error
    both = [*texts.items(multi=True), *files.items(multi=True)]
    names = [name for name, _ in both]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise ValidationError({name: ["must be given once"] for name in sorted(repeated)})
    return dict(both)
