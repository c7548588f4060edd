"""Facts that the document does not contain: the addresses of the services, existing resources, and strings with a
meaning."""

import re
import zlib

import schemathesis
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

import texts
import world

API = "/api/v1"
# ISO 8601, as the document declares. The format of JSON Schema is narrower and has no fractions of a second.
DURATION = r"^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$"


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Returns the URL of a service. The emulator is both services: the API with its prefix, the ingest proxy without
    one."""
    paths = raw_schema["paths"]
    raw_schema["paths"] = {path if path.startswith("/api/") else API + path: item for path, item in paths.items()}
    for content in streams(paths):
        content["schema"] = event(content["x-events"])
    rpc = paths["/a2a/{agentName}"]["post"]["responses"]["200"]["content"]
    rpc["text/event-stream"]["schema"] = frame()
    for schema in nodes(raw_schema["components"]["schemas"]):
        if schema.get("format") == "duration":
            del schema["format"]
            schema["pattern"] = DURATION


def nodes(node):
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(inner)


def streams(paths):
    """Returns the rules of the document for server-sent events."""
    for node in nodes(paths):
        if "x-events" in node.get("text/event-stream", {}):
            yield node["text/event-stream"]


def event(events):
    """Checks an event of a stream. Its data is JSON with the schema that `x-events` lists for its name."""
    data = {"type": "string", "contentMediaType": "application/json"}
    named = [
        {"properties": {"event": {"enum": [name]}, "data": {**data, "contentSchema": schema}}}
        for name, schema in events.items()
    ]
    return {"type": "object", "required": ["event", "data"], "oneOf": named}


def frame():
    """Checks an event of an agent's stream. It has no name, and is a JSON-RPC response whose result contains one kind
    of update."""
    kinds = ["task", "statusUpdate", "artifactUpdate", "message"]
    result = {"type": "object", "maxProperties": 1, "anyOf": [{"required": [kind]} for kind in kinds]}
    response = {"type": "object", "required": ["jsonrpc", "id", "result"], "properties": {"result": result}}
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": response}
    return {"type": "object", "required": ["data"], "properties": {"data": data}}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets most requests name existing resources and contain strings with a meaning, if they are valid. Invalid values
    stay invalid. In the stateful phase, names from earlier responses are kept."""
    if case.meta is None:
        return
    operation = case.operation.definition.raw["operationId"]
    if case.path_parameters and positive(case, ParameterLocation.PATH) and renamed(case):
        names = world.NAMES.get(operation, world.places)()
        case.path_parameters.update({name: names[name] for name in case.path_parameters if name in names})
    if isinstance(case.body, dict) and positive(case, ParameterLocation.BODY):
        fields = world.FIELDS.get(operation, lambda case: {})(case)
        case.body = texts.meant({**case.body, **fields})
    if case.query and positive(case, ParameterLocation.QUERY):
        case.query = texts.meant(dict(case.query))


def positive(case, location):
    component = case.meta.components.get(location)
    return component is not None and component.mode == GenerationMode.POSITIVE


def renamed(case):
    """Returns true for most cases, as a function of the case, so that a retry gives the same result."""
    what = repr((case.path_parameters, case.body, case.query)).encode(errors="replace")
    return case.meta.phase.name != TestPhase.STATEFUL and zlib.crc32(what) % 8 != 0
