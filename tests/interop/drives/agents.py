"""Agent runs, conversations, and the cleaning agent."""

import time
import uuid

from stage import drive

NOBODY = str(uuid.UUID(int=7))


def asked(t, client, question="What is there on Heat?", **options):
    """Asks a question. Returns the ids of the run and its conversation, and the answer."""
    events = list(client.ask(question, **options))
    started = events[0].data
    t.equal("the run answers", events[-1].type, "answer")
    return started["runId"], started["conversationId"], events[-1].data["response"]


@drive(since="2.2.0")
def get_agent_run_status(t):
    c = t.dataset()
    run, _, answer = asked(t, c)
    status = c.get_agent_run_status(run)
    t.fits(
        "a run that is done",
        status,
        {
            "runId": run,
            "question": "What is there on Heat?",
            "status": "completed",
            "canResume": False,
            "agentKind": bool,
        },
    )
    t.true("its result has the answer", answer in str((status or {}).get("result")))
    t.equal("one that is not there, no answer", c.get_agent_run_status(NOBODY), None)
    theirs = t.client(key=t.emulator.other_key)
    t.equal("nor to somebody else", theirs.get_agent_run_status(run), None)


@drive(since="2.2.0")
def delete_agent_run(t):
    c = t.dataset()
    run, _, _ = asked(t, c)
    t.equal("deleted", c.delete_agent_run(run), None)
    t.equal("gone", c.get_agent_run_status(run), None)
    t.rejected("a second time", 404, lambda: c.delete_agent_run(run))


@drive(since="2.2.0")
def submit_agent_run_feedback(t):
    c = t.dataset()
    run, _, _ = asked(t, c)
    t.equal("good", c.submit_agent_run_feedback(run, thumbs_up=True, comment="short and right"), None)
    t.equal("or not", c.submit_agent_run_feedback(run, thumbs_up=False), None)
    t.rejected("one that is not there", 404, lambda: c.submit_agent_run_feedback(NOBODY, thumbs_up=True))


@drive(since="2.2.0")
def resume_agent_run(t):
    c = t.dataset()
    run, _, answer = asked(t, c)
    events = list(c.resume_agent_run(run))
    t.equal("a run that is done: one event", [event.type for event in events], ["terminal"])
    t.fits("with the question", events[0].data, {"question": "What is there on Heat?"})
    t.true("and the answer", answer in str(events[0].data.get("result")))
    t.rejected("one that is not there", 404, lambda: list(c.resume_agent_run(NOBODY)))

    # After an interrupted connection, the run continues to its end, and nobody can resume it.
    run = broken(t, c)
    status = ended(c, run)
    t.fits("the run is completed", status, {"status": "completed", "canResume": False})
    t.true("with the same answer", answer in str((status or {}).get("result")))


@drive(since="2.2.0")
def _resume_without_a_checkpoint(t):
    # Paused before its first event, so that it is in progress when the client resumes it.
    c = t.dataset()
    with t.emulator.fault("agentRun", delay="1h"), t.emulator.fault("autoragStream", cut_after=0):
        try:
            list(c.ask("What is there on Heat?"))
        except Exception as error:
            t.true(f"the interruption is reported: {type(error).__name__}", "RequestError" in type(error).__name__)
    conversation = c.list_conversations()["conversations"][0]["id"]
    run = str(c.get_conversation(conversation)["turns"][0]["runId"])
    t.fits("the run goes on", c.get_agent_run_status(run), {"status": "running", "canResume": False})
    events = list(c.resume_agent_run(run))
    t.equal("no checkpoint: one event", [event.type for event in events], ["no-checkpoint"])
    t.fits("the run is left alone", c.get_agent_run_status(run), {"status": "running", "canResume": False})


@drive(since="2.2.0", checkpoints=True)
def _resume_from_a_checkpoint(t):
    c = t.dataset()
    _, _, answer = asked(t, c)
    # The run stops, so that it is in progress when the client resumes it.
    with t.emulator.fault("agentRun", end_after=4):
        run = broken(t, c)
    t.fits("the run goes on", c.get_agent_run_status(run), {"status": "running", "canResume": True})
    events = list(c.resume_agent_run(run))
    t.equal("resumed", [events[0].type, events[-1].type], ["run-started", "answer"])
    t.equal("the same run", events[0].data["runId"], run)
    t.equal("the same answer", events[-1].data["response"], answer)
    t.fits("it is done now", c.get_agent_run_status(run), {"status": "completed", "canResume": False})


def broken(t, client):
    """Asks a question whose stream breaks after four events. Returns the id of the run."""
    with t.emulator.fault("autoragStream", cut_after=4):
        seen = []
        try:
            for event in client.ask("What is there on Heat?"):
                seen.append(event)
        except Exception as error:
            t.true(f"the interruption is reported: {type(error).__name__}", "RequestError" in type(error).__name__)
    t.equal("what came before the break", len(seen), 4)
    return seen[0].data["runId"]


def ended(client, run):
    """Returns the status of a run after it has ended."""
    limit = time.monotonic() + 60
    status = client.get_agent_run_status(run)
    while status["status"] == "running" and time.monotonic() < limit:
        status = client.get_agent_run_status(run)
    return status


@drive(since="2.2.0")
def list_conversations(t):
    c = t.dataset()
    t.equal("none", c.list_conversations(), {"conversations": []})
    _, first, _ = asked(t, c)
    _, second, _ = asked(t, c, "What is there on Alien?")
    found = c.list_conversations()["conversations"]
    t.equal("the newest first", [one["id"] for one in found], [second, first])
    t.fits("what is known of one", found[0], {"title": bool, "createdAt": is_moment, "updatedAt": is_moment})
    asked(t, c, "And on Amélie?", conversation_id=first)
    found = c.list_conversations(username=t.emulator.user, namespace=t.namespace)["conversations"]
    t.equal("the one that went on first", [one["id"] for one in found], [first, second])
    spaced = t.dataset(namespace=f"{t.namespace} & more")
    _, there, _ = asked(t, spaced)
    t.equal("a namespace with a space", [one["id"] for one in spaced.list_conversations()["conversations"]], [there])


def is_moment(value):
    """Returns milliseconds since 1970, or the client's representation of them."""
    return isinstance(value, str) or value > 1_500_000_000_000


@drive(since="2.2.0")
def get_conversation(t):
    c = t.dataset()
    first, conversation, answer = asked(t, c)
    second, _, _ = asked(t, c, "And on Alien?", conversation_id=conversation)
    found = c.get_conversation(conversation)
    turns = [
        {"runId": first, "question": "What is there on Heat?", "status": "completed"},
        {"runId": second, "question": "And on Alien?", "status": "completed"},
    ]
    t.fits("its turns, the oldest first", found, {"id": conversation, "title": bool, "turns": turns})
    t.true("with results", answer in str(((found or {}).get("turns") or [{}])[0].get("result")))
    t.equal("one that is not there, no answer", c.get_conversation(NOBODY), None)


@drive
def request_cleaning(t):
    c = t.dataset()
    task = c.request_cleaning(["Trim all texts."], t.namespace, "clean")
    t.true("a task", isinstance(task, str) and bool(task))
    t.equal("a name that is taken, no answer", c.request_cleaning(["Trim."], t.namespace, "films"), None)
    t.equal("no dataset, no answer", t.client("none").request_cleaning(["Trim."], t.namespace, "new"), None)
    t.equal("no key, no answer", t.client(key="wrong").request_cleaning(["Trim."], t.namespace, "new"), None)


@drive
def get_cleaning_code(t):
    rows = [{"title": " Heat ", "year": 1995}]
    c = t.dataset(rows)
    task = c.request_cleaning(["Trim all texts."], t.namespace, "clean")
    # The client documents a list and returns the body unchanged, which is an object since contract 2.22.1.
    answer = c.get_cleaning_code(task)
    file = {"name": "clean.py", "content": lambda text: "[scripted" in text}
    t.fits("one file, which says what it is", answer, {"files": [file]})
    files, code = answer["files"], {}
    exec(files[0]["content"], code)  # It is Python, and comes from the emulator of this checkout.
    cleaned = t.client("clean").query_data()
    t.equal("the rows were cleaned", cleaned, [{"title": "Heat", "year": 1995}])
    t.equal("which is what the code does", [code["clean"](row) for row in rows], cleaned)
    t.equal("no such task, no answer", c.get_cleaning_code(NOBODY), None)
