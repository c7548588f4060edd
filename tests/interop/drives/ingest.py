"""Rows, and their processing during ingestion."""

from datalinks.pipeline import (
    Normalize,
    NormalizeModes,
    Pipeline,
    ProcessStructured,
    ProcessUnstructured,
    ReverseGeo,
    Validate,
    ValidateModes,
)
from stage import FILMS, drive

# All kinds of JSON values, and a column that clients hide because of its name.
UNUSUAL = [
    {"text": "ä \"quoted\" 'too' \\ \n\t €😀", "whole": 12345678901234567890, "part": 0.1, "yes": True, "none": None},
    {"list": [1, "a", None, [2]], "object": {"deep": {"er": []}}, "empty": "", "_hidden": "metadata"},
]
# The prefix of free text from the emulator's rules.
MARK = "[scripted by the emulator, no model ran]"
# The steps that use a model. The client sends null for unset fields, and earlier names of fields.
UNSET = {"model": None, "provider": None}
MODEL_STEPS = [
    (
        "a table from texts",
        ProcessUnstructured(**UNSET, derive_from="text", helper_prompt="Films"),
        {"text": "title: Heat, year: 1995"},
        {"text": "title: Heat, year: 1995", "title": "Heat", "year": 1995},
        {"__metadata_textToTable": "title -> Heat, year -> 1995"},
    ),
    (
        "wanted columns",
        Normalize(**UNSET, target_cols={"title": None, "seen": "When"}, mode=NormalizeModes.ALL_IN_ONE),
        {"Titel": " Heat ", "year": 1995},
        {"title": "Heat", "year": 1995, "seen": None},
        {"__metadata_normalize": f"{MARK} renamed Titel to title, added seen, rewrote title"},
    ),
    (
        "checked columns",
        Validate(**UNSET, mode=ValidateModes.ROWS, columns=["title"]),
        {"title": None, "year": 1995},
        {"title": None, "year": 1995},
        {"__valid": False, "__metadata_validate": f"{MARK} title: has no value"},
    ),
    (
        "places",
        ReverseGeo(derive_from="place"),
        {"place": "48.1, 11.6"},
        {"place": "48.1, 11.6", "place_latlong": "48.1000,11.6000"},
        {},
    ),
]


@drive
def ingest(t):
    c = t.dataset([])
    result = c.ingest(UNUSUAL)
    t.equal("what was sent is stored", (result.successful, result.failed), (UNUSUAL, []))
    t.equal("what comes back is what was sent", c.query_data(include_metadata=True), UNUSUAL)
    t.equal("hidden columns are hidden", "_hidden" in c.query_data()[1], False)

    many = [{"n": n} for n in range(25)]
    batched = t.dataset([], "batched")
    result = batched.ingest(many, batch_size=10)
    t.equal("batches", (result.successful, result.failed), (many, []))
    t.equal("in their order", batched.query_data(), many)

    optioned = t.dataset([], "optioned")
    options = {
        "data_description": "Films",
        "schema_definition": {"title": "its name"},
        "additional_instructions": "none",
        "curate": False,
    }
    t.equal("options", optioned.ingest(FILMS, **options).failed, [])
    t.equal("rows with options", optioned.query_data(), FILMS)

    steps = Pipeline(ProcessStructured(derive_from="cast"))
    cast = [{"title": "Heat", "cast": [{"name": "Pacino"}, {"name": "De Niro"}]}]
    split = t.dataset([], "split")
    t.equal("with a step", split.ingest(cast, inference_steps=steps).failed, [])
    want = [{"title": "Heat", "name": "Pacino"}, {"title": "Heat", "name": "De Niro"}]
    t.equal("one row each", split.query_data(), want)

    busy = t.dataset([], "busy")
    with t.emulator.fault("ingestData", status=503):
        t.seen()
        t.equal("a batch that is turned away", busy.ingest(FILMS, batch_size=2).failed, [])
    t.equal("is sent again", [one["status"] for one in t.seen()], [503, 200, 200])
    t.equal("after the others", busy.query_data(), FILMS[2:] + FILMS[:2])
    twice = t.dataset([], "twice")
    with t.emulator.fault("ingestData", lose_response=True):
        t.equal("an answer that is lost", twice.ingest(FILMS).failed, [])
    t.equal("the client has it stored twice", twice.query_data(), FILMS + FILMS)

    lost = t.client("none").ingest(FILMS)
    t.equal("no dataset: all rows fail", (lost.successful, lost.failed), ([], FILMS))


@drive
def preview_ingest(t):
    c = t.client()
    t.equal("no steps", c.preview_ingest(FILMS), FILMS)
    steps = Pipeline(ProcessStructured(derive_from="tags"))
    rows = [{"title": "Heat", "tags": [{"tag": "crime"}, {"tag": "LA"}]}]
    want = [{"title": "Heat", "tag": "crime"}, {"title": "Heat", "tag": "LA"}]
    t.equal("one row each", c.preview_ingest(rows, steps), want)
    for what, step, given, want, metadata in MODEL_STEPS:
        t.seen()
        found = c.preview_ingest([given], Pipeline(step))
        t.equal(f"{what}: labeled as a rule", [one["label"] for one in t.seen()], ["partly-scripted"])
        seen = [{name: value for name, value in row.items() if not name.startswith("_")} for row in found]
        t.equal(f"{what}: by a rule", seen, [want])
        hidden = {name: value for name, value in found[0].items() if name.startswith("_")}
        t.equal(f"{what}: its metadata", hidden, metadata)
    t.equal("nothing is stored", c.list_datasets(t.namespace), [])
    t.equal("no key, no answer", t.client(key="wrong").preview_ingest(FILMS), None)


@drive
def infer_dataset_description(t):
    c = t.client()
    described = c.infer_dataset_description(FILMS)
    t.fits("a text", described, {"description": lambda text: isinstance(text, str) and bool(text)})
    t.true("which names the columns", all(name in described.get("description", "") for name in ("title", "director")))
    named = {"model": "some", "provider": "any", "current_description": "Films", "current_schema": {"title": "x"}}
    again = c.infer_dataset_description(FILMS, **named)
    t.fits("with what is there already", again, {"description": lambda text: isinstance(text, str) and bool(text)})
    t.rejected("a key that nobody has", 401, lambda: t.client(key="wrong").infer_dataset_description(FILMS))


@drive
def infer_schema(t):
    c = t.client()
    described = c.infer_schema(FILMS)
    t.true("an answer that the client can read", isinstance(described, dict))
    columns = list((described or {}).get("schema", {}))
    t.equal("all columns", sorted(columns), ["director", "score", "title", "year"])
    t.true("each with a text", all(isinstance(text, str) and text for text in (described or {}).get("schema", {}).values()))
    again = c.infer_schema(FILMS, model="some", provider="any", current_schema={"title": "its name"})
    t.true("with what is there already", isinstance(again, dict) and "title" in again.get("schema", {}))
    t.equal("no key, no answer", t.client(key="wrong").infer_schema(FILMS), None)
