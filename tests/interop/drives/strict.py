"""A strict emulator, which rejects all calls that a rule would answer in place of a model."""

from drives.proxy import proxy
from emulator import send
from stage import FILMS, drive

# Operations without effect on a strict emulator, because the calls that they depend on were rejected.
UNREACHABLE = {"streamPipeline", "resumeAgentRun", "getCleaningTaskCode"}
# Operations that no method of the client calls.
NOT_WRAPPED = {"a2aJsonRpc"}


@drive(only=("strict",))
def _rules_are_refused(t):
    c, p = t.dataset(), proxy(t)
    t.seen()
    # Operations with a rule in place of a model, and whether the client reports a failure at all.
    silent = [
        lambda: c.query_data("Which films did Mann make?", is_natural_language=True),
        lambda: c.infer_schema(FILMS),
        lambda: c.curate_links(),
        lambda: c.request_cleaning(["Trim all texts."], t.namespace, "clean"),
    ]
    loud = [
        lambda: list(c.ask("What is there on Heat?")),
        lambda: c.infer_dataset_description(FILMS),
        lambda: p.run_pipeline(data=FILMS),
    ]
    (silent if t.old else loud).append(lambda: c.autorag("What is there on Heat?"))
    for call in silent:
        t.equal("no answer", call(), None)
    for call in loud:
        t.rejected("what needs a model", 501, call)
    seen = t.seen()
    t.equal("each was rejected", {request["status"] for request in seen}, {501})
    rejected = {request["operation"] for request in seen}
    scripted = {one["operation"] for one in t.emulator.control("GET", "coverage") if one["coverage"] == "scripted"}
    t.equal("nothing scripted is left out", sorted(scripted - rejected - UNREACHABLE - NOT_WRAPPED), [])
    body = {"username": "self", "namespace": t.namespace, "query": "What?"}
    key = {"Authorization": f"Bearer {t.emulator.key}"}
    status, _, answer = send("POST", f"{t.emulator.host}/query/autorag", body, key)
    t.equal("the status that others see", status, 501)
    t.fits("and what it says", answer, {"error_code": "NOT_IMPLEMENTED", "message": bool})


@drive(only=("strict",))
def _the_rest_is_answered(t):
    c = t.client()
    t.seen()
    t.equal("a dataset", c.create_space(), None)
    t.equal("rows", c.ingest(FILMS).failed, [])
    t.equal("queries", c.query_data(), FILMS)
    run = proxy(t).run_pipeline(data=FILMS, model=False, ontology=False)
    t.fits("a run without a model", list(run)[-1], {"type": "complete", "indexed": 3})
    t.equal("all of it computed", {one["label"] for one in t.seen()}, {"computed"})
