"""What the service says of itself."""

from operator import itemgetter

from kumo.schemas.fields import Answer, shown


class RootSchema(Answer):
    """What this is."""

    System = shown(itemgetter("System"), "Its name.", "Kumo")
    Status = shown(itemgetter("Status"), "Its mood.", "Ready for Money")


class AliveSchema(Answer):
    """That the process answers."""

    status = shown(itemgetter("status"), "Always this.", "alive")


class ReadySchema(Answer):
    """That the service can do its work."""

    status = shown(itemgetter("status"), "Always this.", "ready")
    warnings = shown(
        itemgetter("warnings"),
        "What keeps nobody from recording and should not stay so, in sentences: a kind of worker that nobody runs,"
        " alerts that reach nobody, queues whose Redis is away.",
        ["No judge has ever run: run `python -m worker judge`."],
        items={"type": "string"},
    )
