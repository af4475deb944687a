"""The shapes of what comes in and goes out over HTTP, for marshmallow and the OpenAPI document."""
