"""The environment of a drive of the A2A SDK: cards, clients, a separate namespace, and the emulator."""

import inspect
import json

import httpx
from a2a.client import (
    A2ACardResolver,
    AuthInterceptor,
    Client,
    ClientCallContext,
    ClientConfig,
    ClientFactory,
    InMemoryContextCredentialStore,
)
from a2a.helpers import proto_helpers
from a2a.types import a2a_pb2 as types
from a2a.utils.proto_utils import validate_proto_required_fields
from emulator import send
from google.protobuf.json_format import ParseDict

FILMS = [
    {"title": "Alien", "year": 1979, "director": "Scott"},
    {"title": "Heat", "year": 1995, "director": "Mann"},
    {"title": "Gladiator", "year": 2000, "director": "Scott"},
]
PEOPLE = [{"name": "Scott", "born": 1937}, {"name": "Mann"}]
QUESTION = "Who directed Alien?"

# The methods of a client that call an agent.
METHODS = {name for name, value in vars(Client).items() if inspect.isfunction(value) and not name.startswith("_")} - {
    "close",
    "add_interceptor",
}

# The drives, each with a flag for a strict emulator.
DRIVES = []


def drive(function=None, *, strict=False):
    """Registers a drive."""

    def mark(function):
        DRIVES.append((function, strict))
        return function

    return mark(function) if function else mark


class Agent:
    """A client of the SDK for one agent and one key, registered for the requirements of the card."""

    def __init__(self, stage, card, key, **config):
        self._stage, self.card, self._key = stage, card, key
        self._credentials = InMemoryContextCredentialStore()
        factory = ClientFactory(ClientConfig(httpx_client=stage.http, **config))
        self._client = factory.create(card, [AuthInterceptor(self._credentials)])

    async def _context(self):
        session = f"session of {self._stage.namespace}"
        if self._key is not None:
            for requirement in self.card.security_requirements:
                for scheme in requirement.schemes:
                    await self._credentials.set_credentials(session, scheme, self._key)
        return ClientCallContext(state={"sessionId": session}, timeout=30)

    async def call(self, method, request):
        """Returns the result of a method, after checking that it has all fields that the protocol requires."""
        self._stage.called.add(method)
        result = await getattr(self._client, method)(request, context=await self._context())
        if result is not None:
            validate_proto_required_fields(result)
        return result

    async def events(self, request, method="send_message"):
        """Returns the events of a stream, or the single event of a response."""
        self._stage.called.add(method)
        found = []
        async for event in getattr(self._client, method)(request, context=await self._context()):
            validate_proto_required_fields(event)
            found.append(event)
        return found

    async def task(self, request):
        """Returns the task of a message."""
        events = await self.events(request)
        self._stage.equal("one task", [event.WhichOneof("payload") for event in events], ["task"])
        return events[0].task


class Stage:
    """The environment of one drive."""

    def __init__(self, emulator, checks, called, name):
        self.emulator, self.called = emulator, called
        self.namespace = f"a2a_{name}"
        self.equal, self.true, self.fits = checks.equal, checks.true, checks.fits

    async def __aenter__(self):
        self.http = httpx.AsyncClient(trust_env=False, timeout=30)
        return self

    async def __aexit__(self, *error):
        await self.http.aclose()

    def fill(self, key=None):
        """Creates films and people with a link."""
        headers = {"Authorization": f"Bearer {key or self.emulator.key}"}

        def post(place, body):
            status, _, answer = send("POST", f"{self.emulator.host}{place}", body, headers)
            if not 200 <= status < 300:
                raise RuntimeError(f"{place}: status {status}: {answer}")

        for name, rows in (("films", FILMS), ("people", PEOPLE)):
            post(f"/ingest/new/{self.namespace}/{name}", {})
            post(f"/ingest/{self.namespace}/{name}", {"data": rows})
        ends = {"from": ("films", "director"), "to": ("people", "name")}
        column = {"username": "self", "namespace": self.namespace}
        link = {end: {**column, "dataset": name, "columnName": field} for end, (name, field) in ends.items()}
        post("/links/add", {**link, "matchType": "ExactMatch"})

    def message(self, text=QUESTION, namespace=None, context=None, modes=()):
        """Returns the request of a message to the namespace of the drive."""
        message = proto_helpers.new_text_message(text, context_id=context, role=types.ROLE_USER)
        message.metadata["namespace"] = namespace or self.namespace
        configuration = types.SendMessageConfiguration(accepted_output_modes=modes)
        return types.SendMessageRequest(message=message, configuration=configuration)

    async def card(self, name):
        """Returns the public card of an agent, which the SDK resolves."""
        return await A2ACardResolver(self.http, f"{self.emulator.host}/a2a/{name}").get_agent_card()

    async def agent(self, name, key=None, **config):
        return Agent(self, await self.card(name), key or self.emulator.key, **config)

    async def both(self, **config):
        """Yields a client for each agent."""
        return [(name, await self.agent(name, **config)) for name in ("nl2ql", "assistant")]

    async def raises(self, what, kind, awaited, *words):
        """Checks that the call raises exactly this kind of exception, with these words in its text."""
        try:
            value = await awaited
        except Exception as error:  # The wrong one is a failure like any other.
            right = type(error) is kind and all(word in str(error) for word in words)
            return self.true(f"{what}: raised {error!r} instead of {kind.__name__} with {words}", right)
        return self.true(f"{what}: returned {value!r} instead of raising {kind.__name__}", False)

    async def raw(self, name, request_body):
        """Returns the JSON of the responses to a request, parsed as strictly as proto3-JSON, without unknown members."""
        headers = {"Authorization": f"Bearer {self.emulator.key}", "A2A-Version": "1.0"}
        answer = await self.http.post(f"{self.emulator.host}/a2a/{name}", json=request_body, headers=headers)
        answer.raise_for_status()
        if answer.headers["content-type"] == "application/json":
            return [answer.json()]
        blocks = [block for block in answer.text.split("\n\n") if block]
        return [json.loads(block.removeprefix("data: ")) for block in blocks]


def strictly(value, message):
    """Parses proto3-JSON, and rejects members that the protocol does not define."""
    ParseDict(value, message, ignore_unknown_fields=False)
    validate_proto_required_fields(message)
    return message


def word(event):
    """Returns a short form of an event: its state, with the end of its message's id, or its artifact."""
    kind = event.WhichOneof("payload")
    if kind == "artifact_update":
        return event.artifact_update.artifact.name
    status = event.task.status if kind == "task" else event.status_update.status
    state = types.TaskState.Name(status.state).removeprefix("TASK_STATE_").lower()
    # The id of a task has 36 characters.
    state += status.message.message_id[36:] if status.HasField("message") else ""
    return f"task {state}" if kind == "task" else state
