"""The schemas of the service's own state."""

from operator import itemgetter

from kumo.api.schemas.fields import AnswerSchema, declare


class RootSchema(AnswerSchema):
    """What this service is."""

    System = declare(itemgetter("System"), "Its name.", "Kumo")
    Status = declare(itemgetter("Status"), "Its mood.", "Ready for Money")


class AliveSchema(AnswerSchema):
    """The process answers."""

    status = declare(itemgetter("status"), "Always this.", "alive")


class ReadySchema(AnswerSchema):
    """The service is ready."""

    status = declare(itemgetter("status"), "Always this.", "ready")
    warnings = declare(
        itemgetter("warnings"),
        "Faults that do not stop recording but need attention, in sentences: a kind of worker that does not run,"
        " alerts that are not sent, queues whose Redis is away.",
        ["No judge has ever run: run `python -m worker judge`."],
        items={"type": "string"},
    )
