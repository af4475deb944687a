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
        "What keeps nobody from recording and should not stay so, in sentences: a kind of worker that nobody runs,"
        " alerts that are not sent, queues whose Redis is away.",
        ["No judge has ever run: run `python -m worker judge`."],
        items={"type": "string"},
    )
