"""What schemathesis cannot know from the document: where the services are here, what exists, what texts must mean."""

import re
import zlib

import schemathesis
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

import texts
import world

API = "/api/v1"
# ISO 8601, as the document says. The format of JSON Schema is narrower: it has no fractions of a second.
DURATION = r"^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$"


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """The emulator is both services at one address: the API with its prefix, the ingest proxy without one."""
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
    """What the document says of server-sent events."""
    for node in nodes(paths):
        if "x-events" in node.get("text/event-stream", {}):
            yield node["text/event-stream"]


def event(events):
    """One event of a stream: its data is JSON, of the schema that `x-events` gives for its name."""
    data = {"type": "string", "contentMediaType": "application/json"}
    named = [
        {"properties": {"event": {"enum": [name]}, "data": {**data, "contentSchema": schema}}}
        for name, schema in events.items()
    ]
    return {"type": "object", "required": ["event", "data"], "oneOf": named}


def frame():
    """One event of an agent's stream: no name, and a JSON-RPC response whose result holds one kind of update."""
    kinds = ["task", "statusUpdate", "artifactUpdate", "message"]
    result = {"type": "object", "maxProperties": 1, "anyOf": [{"required": [kind]} for kind in kinds]}
    response = {"type": "object", "required": ["jsonrpc", "id", "result"], "properties": {"result": result}}
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": response}
    return {"type": "object", "required": ["data"], "properties": {"data": data}}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets most requests name what exists, and lets texts mean something, where they are valid. What is wrong stays
    wrong; in the stateful phase the names stay that an earlier answer brought."""
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
    """Most of them, chosen by what the case is, so that it is the same when it is tried again."""
    what = repr((case.path_parameters, case.body, case.query)).encode(errors="replace")
    return case.meta.phase.name != TestPhase.STATEFUL and zlib.crc32(what) % 8 != 0
