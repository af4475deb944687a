"""Importing into a remote Kumo: the upload, then a request each second until its import has ended."""

import time
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, Final

import requests
from requests.auth import AuthBase
from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor

from kumo.domain.imports import Failure, Figures, Import, ImportStatus, Scope
from kumo.engine.imports.bill_reader import Progress
from kumo.engine.imports.choices import Choices
from kumo.engine.imports.uploads import MAX_UPLOAD
from kumo.errors import KumoError

LOOK_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 60.0
# Longest wait for a Kumo that was reached before.
AWAY_SECONDS: Final = 120.0
_PASSING: Final = frozenset({429, 500, 502, 503, 504})


class RemoteError(KumoError):
    """The remote Kumo cannot be reached, or refuses the upload; an acknowledged import continues there."""


def run(url: str, key: str, path: Path, choices: Choices, progress: Progress) -> Import:
    """Upload a bill to the Kumo at `url` and wait until it is imported; raises `RemoteError`."""
    try:
        file = path.open("rb")
    except OSError as error:
        failure = Failure(f"cannot be read: {error.strerror or error}", path.name)
        return Import(0, path.name, ImportStatus.FAILED, error=failure)
    with file, requests.Session() as session:
        if path.stat().st_size > MAX_UPLOAD:
            raise RemoteError(
                f"{path.name} is larger than {MAX_UPLOAD >> 20} MiB: import it without --url, near the store"
            )
        session.auth = _Bearer(key)
        form = _make_form(file, path.name, choices, progress)
        taken = _read(_send(session, url.rstrip("/"), form))
        return _await_end(session, f"{url.rstrip('/')}/imports/{taken.id}", progress)


class _Bearer(AuthBase):
    """Sends the key; set as `auth`, so that no .netrc replaces it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header, if there is a key."""
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _make_form(file: IO[bytes], name: str, choices: Choices, progress: Progress) -> MultipartEncoderMonitor:
    """Build a form that reads the file while it is sent: requests would hold all of it in memory."""
    texts = {
        "granularity": choices.granularity,
        "amount": choices.amount,
        "currency": choices.currency,
        "account": choices.account,
        "detect": ",".join(sorted(choices.detect)),
        **({"map": choices.map} if choices.map else {}),
        **({"complete": "true"} if choices.complete else {}),
        **({"source": choices.source} if choices.source else {}),
        **({"counts": choices.counts} if choices.counts else {}),
    }
    form = MultipartEncoder({**texts, "file": (name, file)})
    return MultipartEncoderMonitor(form, lambda sent: progress("uploading", sent.bytes_read, sent.len))


def _send(session: requests.Session, url: str, form: MultipartEncoderMonitor) -> dict[str, Any]:
    try:
        answer = session.post(
            f"{url}/imports/",
            data=form,
            headers={"Content-Type": form.content_type},
            timeout=ANSWER_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise RemoteError(
            f"{url} cannot be reached, or closed the connection ({type(error).__name__}). Uploading again is safe."
        ) from None
    return _read_answer(answer, HTTPStatus.ACCEPTED)


def _await_end(session: requests.Session, url: str, progress: Progress) -> Import:
    """Poll until the import has ended; wait for a Kumo that is away meanwhile."""
    reached = time.monotonic()
    while True:
        try:
            answer = session.get(url, timeout=ANSWER_SECONDS, allow_redirects=False)
            away = answer.status_code in _PASSING
        except requests.RequestException:
            away = True
        if not away:
            reached = time.monotonic()
            fields = _read_answer(answer, HTTPStatus.OK)
            found = _read(fields)
            if found.over:
                return found
            if step := fields["progress"]:
                progress(step["phase"], step["done"], step["total"] or 0)
        elif time.monotonic() - reached > AWAY_SECONDS:
            raise RemoteError(f"The bill was accepted, but {url} no longer answers: check there later.")
        time.sleep(LOOK_SECONDS)


def _read_answer(answer: requests.Response, status: HTTPStatus) -> dict[str, Any]:
    """Return the document of an answer; raise `RemoteError` for any other status than the expected one."""
    try:
        document: dict[str, Any] = answer.json()
        if answer.status_code == status:
            return document
        detail = str(document["detail"])
    except (ValueError, KeyError, TypeError):
        detail = "this is not an answer of Kumo"
    raise RemoteError(f"{answer.url} answers {answer.status_code}: {detail}")


def _read(fields: dict[str, Any]) -> Import:
    """Parse the API's document of an import."""
    error = fields["error"]
    return Import(
        number=int(fields["id"]),
        name=fields["name"],
        status=ImportStatus(fields["status"]),
        format=fields["format"] or "",
        source=fields["source"] or "",
        dataset=fields["dataset"] or "",
        digest=fields["digest"] or "",
        rows=fields["rows"],
        added=Figures(**fields["added"]),
        removed=Figures(**fields["removed"]),
        changed=Figures(**fields["changed"]),
        unchanged=Figures(**fields["unchanged"]),
        money=fields["money"],
        scopes=tuple(Scope(**scope) for scope in fields["scopes"]),
        first_day=fields["first_day"] or "",
        last_day=fields["last_day"] or "",
        services=fields["services"],
        learning=fields["learning"],
        anomalies=fields["anomalies"],
        left_out=fields["left_out"],
        notes=tuple(fields["notes"]),
        error=Failure(error["detail"], error["file"] or "", error["row"], error["column"] or "") if error else None,
        same_as=fields["same_as"] or "",
    )
