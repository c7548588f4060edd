"""The ingest proxy: runs, their streams, their hooks."""

import json

from clients import Wrapped
from datalinks import api
from emulator import send
from stage import FILMS, drive

ONLY = ("proxy",)
PLAIN = {"model": False, "ontology": False}


def proxy(t, key=None, host=None):
    settings = api.IngestProxyConfig(
        host=host or t.emulator.proxy,
        datalinks_token=key or t.emulator.key,
        datalinks_username=t.emulator.user,
        namespace=t.namespace,
    )
    return Wrapped(api.IngestProxyAPI(settings), t.loop, t.called.add)


def stored(t, event):
    """Returns the rows of the dataset that a run names."""
    return t.client(event["dataset"]).query_data()


def stored_file(t, rows):
    """Uploads rows as a file of a session, for which the client has no method. Returns the key of the file."""
    host, key = f"{t.emulator.host}/file-upload", {"Authorization": f"Bearer {t.emulator.key}"}
    content = json.dumps(rows).encode()
    wanted = {"filesToUpload": [{"filename": "rows.json", "size": len(content)}]}
    _, _, session = send("POST", f"{host}/prepare", wanted, key)
    file = session["files"][0]
    _, headers, _ = send("PUT", file["presignedUrls"][0]["url"], content)
    parts = [{"partNumber": 1, "etag": headers["ETag"].strip('"')}]
    done = {"uploadId": file["uploadId"], "key": file["key"], "parts": parts}
    place = f"{host}/{session['sessionId']}/files"
    status, _, answer = send("POST", f"{place}/{file['fileId']}/finish", done, key)
    t.equal(f"the file is there: {answer}", status, 200)
    return send("GET", place, headers=key)[2]["files"][0]["s3Key"]


@drive(only=ONLY)
def run_pipeline(t):
    p = proxy(t)
    with p.run_pipeline(data=FILMS, **PLAIN) as run:
        t.true("a run has an id", bool(run.run_id))
        events = list(run)
    t.fits("it ends well", events[-1], {"type": "complete", "rows": 3, "indexed": 3, "namespace": t.namespace})
    t.equal("its rows are stored", stored(t, events[-1]), FILMS)
    t.equal("only its last event ends it", [e["type"] for e in events].count("complete"), 1)

    options = {
        "namespace": f"{t.namespace}_2", "user_prompt": "Films", "max_eval_retries": 1, "max_rows_for_modeling": 5,
        "max_sample_rows": 1, "predefined_schema": {"title": "its name"}, "explosion_helper_prompt": "x",
        "coalescence_helper_prompt": "y", "llm": {"provider": "any", "model": "some", "ontologyTemperature": 0.1},
        "datalinks_inference_settings": {"provider": "any", "model": "some"},
    }  # fmt: skip
    events = list(p.run_pipeline(data=FILMS, **options))
    t.fits("with all options", events[-1], {"type": "complete", "namespace": f"{t.namespace}_2"})
    t.equal("where a model would work, it says so", [e for e in events if e.get("scripted")] != [], True)
    events = list(p.run_pipeline(data=FILMS, ingest=False, **PLAIN))
    t.fits("nothing stored", events[-1], {"type": "complete", "indexed": 0})

    # The connection breaks after 2 events, and the client continues after them.
    whole = list(p.run_pipeline(data=FILMS, ingest=False, **PLAIN))
    run = p.run_pipeline(data=FILMS, ingest=False, **PLAIN)
    with t.emulator.fault("streamPipeline", cut_after=2):
        t.seen()
        events = list(run)
    asked = [(one["query"], one["fault"]) for one in t.seen()]
    t.equal("the client came again for the rest", asked, [("startIndex=0", "cut-after"), ("startIndex=2", None)])
    t.equal("no event is lost or comes twice", [e["type"] for e in events], [e["type"] for e in whole])
    run.close()
    with t.emulator.fault("runPipeline", without_header="x-workflow-run-id"):
        t.equal("a run without its id", p.run_pipeline(data=FILMS, **PLAIN).run_id, "")

    t.rejected("no rows", 400, lambda: p.run_pipeline(**PLAIN))
    place = f"s3://emulator/{stored_file(t, FILMS)}"
    for name in ("data_url", "data_blob_url"):
        events = list(p.run_pipeline(**{name: place}, **PLAIN))
        t.equal(f"rows of a file, by {name}", stored(t, events[-1]), FILMS)
        elsewhere = {name: "http://127.0.0.1/rows"}
        t.rejected("rows elsewhere", 422, lambda source=elsewhere: p.run_pipeline(**source, **PLAIN))
    t.rejected("no key", 401, lambda: proxy(t, key="wrong").run_pipeline(data=FILMS))


@drive(only=ONLY)
def stream_pipeline(t):
    p = proxy(t)
    run = p.run_pipeline(data=FILMS, ingest=False, **PLAIN)
    whole = list(p.stream_pipeline(run.run_id))
    t.equal("a whole run", whole[-1]["type"], "complete")
    t.equal("from the third event on", list(p.stream_pipeline(run.run_id, 2)), whole[2:])
    t.equal("from its end on", list(p.stream_pipeline(run.run_id, len(whole))), [])
    t.rejected("no such run", 404, lambda: list(p.stream_pipeline("none")))


@drive(only=ONLY)
def get_pipeline_trace(t):
    p = proxy(t)
    run = p.run_pipeline(data=FILMS, **PLAIN)
    list(run)
    trace = p.get_pipeline_trace(run.run_id)
    t.fits("what the run did", trace, {"runId": run.run_id, "ended": True, "llmCalls": []})
    t.true("and how long", all(step["ms"] >= 0 for step in trace["steps"]) and bool(trace["steps"]))
    t.rejected("no such run", 404, lambda: p.get_pipeline_trace("none"))


@drive(only=ONLY)
def resume_pipeline_hook(t):
    p = proxy(t)
    run = p.run_pipeline(data=FILMS, enable_human_in_the_loop=True, **PLAIN)
    events = iter(run)
    before = []
    for event in events:
        before.append(event)
        if event["type"].endswith("question"):
            break
    t.fits("it asks", before[-1], {"type": "emulator.question"})
    t.equal("and waits", p.get_pipeline_trace(run.run_id)["ended"], False)
    answer = p.resume_pipeline_hook(run.run_id, {"approved": True})
    t.fits("the answer is taken", answer, {"ok": True, "runId": run.run_id, "resumed": True})
    after = list(events)
    t.fits("it goes on to its end", after[-1], {"type": "complete", "indexed": 3})
    t.equal("its rows are stored", stored(t, after[-1]), FILMS)
    t.rejected("nobody asked", 409, lambda: p.resume_pipeline_hook(run.run_id, {}))
    t.rejected("no such run", 404, lambda: p.resume_pipeline_hook("none", {}))
