"""Queries and questions."""

from datalinks import api
from stage import FILMS, PEOPLE, drive

# The events of a complete answer in order. The events of a step occur once per step.
BEFORE = ["run-started", "planningStarted", "plan"]
STEP = ["stepStarted", "queryExecuting", "step"]
AFTER = ["answerStarted", "answer"]


@drive
def query_data(t):
    c = t.dataset()
    t.equal("all rows", c.query_data(), FILMS)
    some = f"Ontology({t.namespace}/films).filter(year > 1980 && director == Mann)"
    t.equal("some", c.query_data(some), FILMS[1:2])
    newest = f"Ontology({t.namespace}/films).sort(year, DESC).limit(1)"
    t.equal("the newest", c.query_data(newest), [max(FILMS, key=lambda film: film["year"])])
    quoted = f'Ontology("{t.namespace}/films").filter("title" == "Amélie")'
    t.equal("by a quoted name", c.query_data(quoted), FILMS[2:])
    t.equal("explained", c.query_data(explain=True), FILMS)
    t.equal("with settings for a model", c.query_data(model="some", provider="any"), FILMS)
    t.equal("no such dataset, no answer", c.query_data("Ontology(none)"), None)
    t.equal("no query, no answer", c.query_data("Ontology(films"), None)
    for wrong in ({"garbage": True}, {"html": 502}, {"truncate_body": True}, {"lose_response": True}):
        with t.emulator.fault("queryData", **wrong):
            # For a body that is not JSON, 2.2.0 returns None, and 1.2.8 raises an error.
            unreadable = t.old and set(wrong) & {"garbage", "truncate_body"}
            if unreadable:
                t.raises(f"an answer gone wrong: {wrong}", ValueError, c.query_data)
            else:
                t.equal(f"an answer gone wrong: {wrong}", c.query_data(), None)
    asked = c.query_data("Which films did Mann make?", is_natural_language=True)
    t.equal("in plain words, by a rule that looks for values", asked, FILMS[1:2])
    scored = c.query_data("Which films did Mann make?", is_natural_language=True, include_metadata=True)
    t.equal("with a score in the metadata", scored, [FILMS[1] | {"__metadata": {"score": 0.2}}])
    empty = t.dataset([], "empty")
    t.equal("no rows", empty.query_data(), [])
    if not t.old:
        theirs = t.client(key=t.emulator.other_key)
        t.equal("somebody else sees nothing", theirs.query_data(username=t.emulator.user), None)
        c.share_dataset_access(t.emulator.other_user, "viewer")
        t.equal("until it is shared", theirs.query_data(username=t.emulator.user), FILMS)


@drive
def ask(t):
    t.dataset(PEOPLE, "people")
    c = t.dataset()
    events = list(c.ask("What is there on Heat?"))
    kinds = [event.type for event in events]
    steps = kinds.count("step")
    t.true("a step at least", steps >= 1)
    t.equal("all events, in order", kinds, BEFORE + STEP * steps + AFTER)
    t.true("a run and a conversation", {"runId", "conversationId"} <= set(events[0].data))
    t.equal("as many steps as planned", len(events[2].data["steps"]), steps)
    found = [event.data for event in events if event.type == "step"]
    t.equal("steps are numbered", [step["index"] for step in found], list(range(steps)))
    t.fits("what the first one found, with a score", found[0]["data"], [FILMS[1] | {"__metadata": {"score": 0.2}}])
    t.true("the answer says that it is a script", "[scripted" in events[-1].data["response"])
    options = {"model": "some", "provider": "any", "helper_prompt": "Be short."}
    if not t.old:
        options |= {
            "stage_models": {"plan": {"model": "some", "provider": "any"}},
            "web_search": False,
            "conversation_id": events[0].data["conversationId"],
        }
    again = list(c.ask("And on Alien?", **options))
    t.equal("with all options", again[-1].type, "answer")
    if not t.old:
        same = again[0].data["conversationId"]
        t.equal("the same conversation", same, events[0].data["conversationId"])
        with c.ask("What is there on Heat?") as stream:
            t.equal("nothing is sent before it is read", (stream.status_code, stream.headers), (None, None))
            t.equal("its first event", next(stream).type, "run-started")
            t.equal("its status", stream.status_code, 200)
            t.true("its headers", stream.headers["content-type"].startswith("text/event-stream"))
            t.equal("how it came about", stream.headers["x-datalinks-emulator"], "scripted")
        stream = c.ask("What is there on Heat?")
        next(stream)
        stream.close()
    t.rejected("no key", 401, lambda: list(t.client(key="wrong").ask("What?")))


@drive
def autorag(t):
    c = t.dataset()
    found = c.autorag("What is there on Heat?")
    t.true("an answer that says what it is", "[scripted" in found["response"])
    # One of the question's five words occurs in the row.
    heat = FILMS[1] | {"__metadata": {"score": 0.2}}
    t.equal("what the first step found, with its score", found["steps"][0]["data"], [heat])
    parts = {"instruction", "query", "reasoning", "data"}
    t.true("steps with all their parts", all(parts <= set(step) for step in found["steps"]))
    options = {"model": "some", "provider": "any", "helper_prompt": "Be short."}
    if not t.old:
        options |= {"stage_models": {"answer": {"model": "some"}}, "web_search": False, "username": t.emulator.user}
        t.equal("its status", found.status_code, 200)
        t.equal("how it came about", found.headers["x-datalinks-emulator"], "scripted")
    t.equal("with all options", sorted(c.autorag("What is there on Heat?", **options)), ["response", "steps"])
    wrong = t.client(key="wrong")
    if t.old:
        t.equal("no key, no answer", wrong.autorag("What?"), None)
    else:
        error = t.raises("no key", api.DataLinksRequestError, lambda: wrong.autorag("What?"))
        t.equal("the status of no key", getattr(error, "status_code", None), 401)
