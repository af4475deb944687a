"""Schemas of requests and answers, for marshmallow and the OpenAPI document."""
