"""Drives of the official A2A SDK: discovery, questions, streams, conversations, and documented failures."""

import socket

from a2a.client import A2ACardResolver, A2AClientError, AgentCardResolutionError
from a2a.helpers.proto_helpers import get_artifact_text, get_data_parts, get_text_parts
from a2a.types import a2a_pb2 as types
from a2a.utils import errors
from a2a_stage import QUESTION, Agent, drive, strictly, word

NOBODY = "7d3c1c2e-5a0b-4f0e-9f51-0c6b1d5a2e10"
# Documentation URLs that must not be contacted. The addresses that a run tried, by whether the emulator is
# strict.
SOCKET, ADDRESS = "192.0.2.1", "192.0.2.2"
ELSEWHERE = {False: [SOCKET, ADDRESS], True: []}

ORDERS = {
    "nl2ql": ["working", "generated-query", "result-data", "completed"],
    "assistant": [
        *("task submitted", "working", "working-plan"),
        *("working-step-0", "step-0", "working-step-1", "step-1", "answer", "completed"),
    ],
}
ARTIFACTS = {"nl2ql": ["generated-query", "result-data"], "assistant": ["step-0", "step-1", "answer"]}


def query(t):
    return f'Ontology("{t.namespace}/films").filter(title == Alien)'


def rows(t, part):
    """Returns the first row of a data part. The SDK reads all numbers as floats."""
    t.equal("a data part has rows and nothing else", list(part), ["rows"])
    t.equal("one row", len(part["rows"]), 1)
    return part["rows"][0]


def is_alien(t, row):
    t.fits("the row", row, {"title": "Alien", "year": 1979.0, "director": "Scott"})
    t.true("its score", 0 < row["__metadata"]["score"] < 1)


@drive
async def discovery(t):
    answer = await t.http.get(f"{t.emulator.host}/a2a")
    t.equal("the list needs no token", answer.status_code, 200)
    t.equal("the agents", [agent["name"] for agent in answer.json()], ["nl2ql", "assistant"])
    for listed in answer.json():
        card = await A2ACardResolver(t.http, listed["url"]).get_agent_card()
        raw = (await t.http.get(listed["agentCard"])).json()
        t.equal("a member that the service adds to the protocol's", raw.pop("preferredTransport"), "JSONRPC")
        t.equal("both addresses lead to the same card", strictly(raw, types.AgentCard()), card)
        interface = card.supported_interfaces[0]
        t.equal("it is called where it is listed", interface.url, listed["url"])
        t.equal("by JSON-RPC", interface.protocol_binding, "JSONRPC")
        t.equal("version", interface.protocol_version, "1.0")
        t.true("it streams", card.capabilities.streaming)
        t.true("it has an extended card", card.capabilities.extended_agent_card)
        t.true("it does not push", not card.capabilities.push_notifications)
        t.equal("it takes", list(card.default_input_modes), ["text"])
        t.equal("it returns", list(card.default_output_modes), ["text", "data"])
        t.equal("it requires", [list(one.schemes) for one in card.security_requirements], [["bearer"]])
        scheme = card.security_schemes["bearer"].http_auth_security_scheme
        t.equal("which is a token", (scheme.scheme, scheme.bearer_format), ("bearer", "JWT"))
        t.equal("its skill", [skill.id for skill in card.skills], [listed["name"]])


@drive
async def extended_card(t):
    for name, agent in await t.both():
        card = await agent.call("get_extended_agent_card", types.GetExtendedAgentCardRequest())
        t.equal(f"{name}: the same agent", (card.name, card.version), (agent.card.name, agent.card.version))
        t.true(f"{name}: a longer description", len(card.description) > len(agent.card.description))
        t.true(f"{name}: examples, which the public card has not", card.skills[0].examples)
        t.equal(f"{name}: none there", list(agent.card.skills[0].examples), [])


@drive
async def send(t):
    t.fill()
    t.emulator.seen()
    for name, agent in await t.both(streaming=False):
        task = await agent.task(t.message())
        t.equal(f"{name}: state", task.status.state, types.TASK_STATE_COMPLETED)
        t.equal(f"{name}: artifacts", [artifact.name for artifact in task.artifacts], ARTIFACTS[name])
        t.equal(f"{name}: their ids", [artifact.artifact_id for artifact in task.artifacts], ARTIFACTS[name])
        t.true(f"{name}: time", task.status.HasField("timestamp"))
        t.equal(f"{name}: the query", get_text_parts(task.artifacts[0].parts), [query(t)])
        data = [part for artifact in task.artifacts for part in get_data_parts(artifact.parts)]
        is_alien(t, rows(t, data[0]))
    answer = get_artifact_text(task.artifacts[-1])
    t.true("the answer", answer.startswith("[scripted by the emulator") and "Scott" in answer)
    step = task.artifacts[1]
    t.equal("a step has its index", step.metadata["index"], 1.0)
    t.true("and its instruction and reasoning", step.metadata["instruction"] and step.metadata["reasoning"])
    labels = {request["label"] for request in t.emulator.seen() if request["operation"] == "a2aJsonRpc"}
    t.equal("no model has answered", labels, {"scripted"})


@drive
async def stream(t):
    t.fill()
    for name, agent in await t.both():
        events = await agent.events(t.message())
        t.equal(f"{name}: order", [word(event) for event in events], ORDERS[name])
        updates = [getattr(event, event.WhichOneof("payload")) for event in events]
        tasks = {update.id if isinstance(update, types.Task) else update.task_id for update in updates}
        t.equal(f"{name}: one task", len(tasks), 1)
        t.equal(f"{name}: one context", len({update.context_id for update in updates}), 1)
        artifacts = [event.artifact_update.artifact for event in events if event.HasField("artifact_update")]
        t.equal(f"{name}: artifacts", [artifact.artifact_id for artifact in artifacts], ARTIFACTS[name])
        t.equal(f"{name}: the query", get_text_parts(artifacts[0].parts), [query(t)])
        data = [part for artifact in artifacts for part in get_data_parts(artifact.parts)]
        is_alien(t, rows(t, data[0]))
        said = [event.status_update.status.message for event in events if event.HasField("status_update")]
        said = [message for message in said if message.message_id]
        t.equal(f"{name}: by the agent", {message.role for message in said} - {types.ROLE_AGENT}, set())
    t.fits("a linked row", rows(t, data[1]), {"name": "Scott", "born": 1937.0})
    (steps,) = get_data_parts(said[0].parts)
    t.equal("the plan", steps, {"steps": [get_text_parts(message.parts)[0] for message in said[1:]]})


@drive
async def frames_have_no_other_members(t):
    t.fill()
    message = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": QUESTION}]}
    params = {"message": {**message, "metadata": {"namespace": t.namespace}}}
    for name, order in ORDERS.items():
        body = {"jsonrpc": "2.0", "id": 7, "method": "SendStreamingMessage", "params": params}
        responses = await t.raw(name, body)
        t.equal(f"{name}: their ids", {response["id"] for response in responses}, {7})
        events = [strictly(response["result"], types.StreamResponse()) for response in responses]
        t.equal(f"{name}: order", [word(event) for event in events], order)
        (response,) = await t.raw(name, {**body, "method": "SendMessage"})
        sent = strictly(response["result"], types.SendMessageResponse())
        t.equal(f"{name}: a task", sent.WhichOneof("payload"), "task")
        (response,) = await t.raw(name, {**body, "method": "GetExtendedAgentCard", "params": {}})
        response["result"].pop("preferredTransport")
        t.true(f"{name}: a card", strictly(response["result"], types.AgentCard()).name)


@drive
async def output_modes(t):
    t.fill()
    for modes, texts, data in ((["text"], 1, 0), (["data"], 0, 1), (["text", "data"], 1, 1), (["text/plain"], 1, 0)):
        agent = await t.agent("nl2ql", accepted_output_modes=modes)
        events = await agent.events(t.message())
        parts = [part for event in events for part in event.artifact_update.artifact.parts]
        found = (len(get_text_parts(parts)), len(get_data_parts(parts)))
        t.equal(f"{modes}: texts and data", found, (texts, data))
    for name, agent in await t.both(accepted_output_modes=["image/png"]):
        await t.raises(f"{name}: no image", errors.ContentTypeNotSupportedError, agent.events(t.message()))


@drive
async def conversation(t):
    t.fill()
    agent = await t.agent("assistant", streaming=False)
    first = await agent.task(t.message())
    second = await agent.task(t.message("And Heat?", context=first.context_id))
    t.equal("the same context", second.context_id, first.context_id)
    t.true("another task", second.id != first.id)
    events = await (await t.agent("assistant")).events(t.message("And Gladiator?", context=first.context_id))
    t.equal("also as a stream", events[0].task.context_id, first.context_id)
    key = {"Authorization": f"Bearer {t.emulator.key}"}
    answer = await t.http.get(f"{t.emulator.host}/query/conversations/{first.context_id}", headers=key)
    asked = [turn["question"] for turn in answer.json()["turns"]]
    t.equal("one conversation", asked, [QUESTION, "And Heat?", "And Gladiator?"])
    other = await agent.task(t.message())
    t.true("without a context, a new one", other.context_id != first.context_id)

    invalid = errors.InvalidParamsError
    unknown = t.message(context=NOBODY)
    await t.raises("no such context", invalid, agent.events(unknown), "message.contextId")
    t.fill(t.emulator.other_key)
    theirs = await t.agent("assistant", key=t.emulator.other_key, streaming=False)
    await t.raises("somebody else's", invalid, theirs.events(t.message(context=first.context_id)), "message.contextId")
    own = await theirs.task(t.message())
    t.equal("their own", (await theirs.task(t.message(context=own.context_id))).context_id, own.context_id)


@drive
async def namespace(t):
    t.fill()
    for streaming in (False, True):
        for name, agent in await t.both(streaming=streaming):
            request = t.message()
            del request.message.metadata["namespace"]
            missing = "message.metadata.namespace is missing"
            await t.raises(f"{name}: none", errors.InvalidParamsError, agent.events(request), missing)
            request.metadata["namespace"] = t.namespace
            await t.raises(f"{name}: the request's", errors.InvalidParamsError, agent.events(request), missing)
            event = (await agent.events(t.message(namespace="nothing")))[-1]
            status = event.status_update.status if streaming else event.task.status
            t.equal(f"{name}: one without datasets", status.state, types.TASK_STATE_FAILED)
            t.true(f"{name}: why", "no dataset" in get_text_parts(status.message.parts)[0])


@drive
async def tokens(t):
    t.fill()
    for name in ORDERS:
        card = await t.card(name)
        for what, key in (("a wrong token", "wrong"), ("no token", None)):
            for streaming in (False, True):
                agent = Agent(t, card, key, streaming=streaming)
                await t.raises(f"{name}: {what}", A2AClientError, agent.events(t.message()), "HTTP Error 401")
            request = types.GetExtendedAgentCardRequest()
            card_call = agent.call("get_extended_agent_card", request)
            await t.raises(f"{name}: {what}, extended card", A2AClientError, card_call, "HTTP Error 401")
    answer = await t.http.post(f"{t.emulator.host}/a2a/nl2ql", json={})
    t.fits("the API's error", answer.json(), {"error_code": "UNAUTHORIZED", "message": bool})


@drive
async def unknown_agent(t):
    try:
        found = await t.card("auto_rag")
        t.true(f"a card: {found}", False)
    except AgentCardResolutionError as error:
        t.equal("no card", error.status_code, 404)
    card = await t.card("assistant")
    card.supported_interfaces[0].url = f"{t.emulator.host}/a2a/auto_rag"
    for streaming in (False, True):
        agent = Agent(t, card, t.emulator.key, streaming=streaming)
        await t.raises("no agent", A2AClientError, agent.events(t.message()), "HTTP Error 404")
    headers = {"Authorization": f"Bearer {t.emulator.key}"}
    answer = await t.http.post(f"{t.emulator.host}/a2a/auto_rag", json={}, headers=headers)
    t.fits("the API's error", answer.json(), {"error_code": "NOT_FOUND", "message": bool})


@drive
async def tasks_are_not_kept(t):
    t.fill()
    missing, pushing = errors.TaskNotFoundError, errors.PushNotificationNotSupportedError
    config = types.TaskPushNotificationConfig(task_id=NOBODY, id="c", url="http://127.0.0.1/")
    for name, agent in await t.both(streaming=False):
        task = (await agent.task(t.message())).id
        for method, request, error in (
            ("get_task", types.GetTaskRequest(id=task), missing),
            ("get_task", types.GetTaskRequest(id=NOBODY), missing),
            ("cancel_task", types.CancelTaskRequest(id=task), missing),
            ("list_tasks", types.ListTasksRequest(), errors.UnsupportedOperationError),
            ("create_task_push_notification_config", config, pushing),
            (
                "get_task_push_notification_config",
                types.GetTaskPushNotificationConfigRequest(task_id=task, id="c"),
                pushing,
            ),
            (
                "list_task_push_notification_configs",
                types.ListTaskPushNotificationConfigsRequest(task_id=task),
                pushing,
            ),
            (
                "delete_task_push_notification_config",
                types.DeleteTaskPushNotificationConfigRequest(task_id=task, id="c"),
                pushing,
            ),
        ):
            await t.raises(f"{name}: {method}", error, agent.call(method, request))
        request = t.message()
        request.message.task_id = task
        await t.raises(f"{name}: a message to a task", missing, agent.events(request))
    for name, agent in await t.both():
        request = types.SubscribeToTaskRequest(id=NOBODY)
        await t.raises(f"{name}: subscribe", missing, agent.events(request, "subscribe"))


@drive
async def other_errors(t):
    t.fill()
    invalid = errors.InvalidParamsError
    for name, agent in await t.both(streaming=False):
        request = t.message()
        request.message.role = types.ROLE_AGENT
        await t.raises(f"{name}: the role of an agent", invalid, agent.events(request), "message.role")
        request = t.message()
        del request.message.parts[:]
        await t.raises(f"{name}: no parts", invalid, agent.events(request), "message.parts")
        request = t.message()
        request.message.extensions.append("https://example.org/context")
        await t.raises(f"{name}: an extension", invalid, agent.events(request), "extension")
        for method, code in (("message/send", -32601), ("tasks/get", -32601)):
            (answer,) = await t.raw(name, {"jsonrpc": "2.0", "id": 1, "method": method, "params": {}})
            t.fits(f"{name}: {method} of version 0.3", answer, {"id": 1, "error": {"code": code, "message": bool}})


@drive
async def interruptions(t):
    t.fill()
    for name, agent in await t.both():
        for count in (0, 2):
            with t.emulator.fault("a2aJsonRpc", cut_after=count):
                await t.raises(f"{name}: cut after {count}", A2AClientError, agent.events(t.message()), "Network")
        with t.emulator.fault("a2aJsonRpc", end_after=2):
            events = await agent.events(t.message())
        t.equal(f"{name}: an early end", [word(event) for event in events], ORDERS[name][:2])
        with t.emulator.fault("a2aJsonRpc", status=503):
            await t.raises(f"{name}: 503", A2AClientError, agent.events(t.message()), "HTTP Error 503")
    with t.emulator.fault("agentRun", status=500):
        events = await agent.events(t.message())
    t.equal("a run that fails", [word(event) for event in events], ["task submitted", "failed-error"])


@drive
async def nothing_leaves_this_machine(t):
    try:
        socket.create_connection((SOCKET, 80), timeout=1).close()
        t.true("a connection elsewhere", False)
    except OSError as error:
        t.equal("the guard", type(error).__name__, "NotLoopback")
    card = await t.card("nl2ql")
    card.supported_interfaces[0].url = f"http://{ADDRESS}/api/v1/a2a/nl2ql"
    agent = Agent(t, card, t.emulator.key, streaming=False)
    await t.raises("an agent elsewhere", A2AClientError, agent.events(t.message()), "Network")


@drive(strict=True)
async def rules_are_refused(t):
    t.fill()
    for streaming in (False, True):
        for name, agent in await t.both(streaming=streaming):
            await t.raises(f"{name}: a message", A2AClientError, agent.events(t.message()), "HTTP Error 501")
    for name, agent in await t.both():
        card = await agent.call("get_extended_agent_card", types.GetExtendedAgentCardRequest())
        t.true(f"{name}: a card", card.name)
        request = types.GetTaskRequest(id=NOBODY)
        await t.raises(f"{name}: no task", errors.TaskNotFoundError, agent.call("get_task", request))
    labels = {request["label"] for request in t.emulator.seen() if request["status"] != 501}
    t.equal("what was answered was computed", labels, {"computed"})
