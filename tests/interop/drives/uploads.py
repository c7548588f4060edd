"""Uploads in parts: prepare, put each part to its URL, finish, and the ingestion in the background."""

import uuid

from datalinks.links import ExactMatch, MatchTypeConfig
from datalinks.pipeline import Pipeline, ProcessStructured
from emulator import send
from stage import drive

CSV = b'title,year\r\nAlien,1979\r\n"Heat, the film",1995\r\n'
ROWS = [{"title": "Alien", "year": "1979"}, {"title": "Heat, the film", "year": "1995"}]
NOBODY = str(uuid.UUID(int=7))


def put(t, prepared, content):
    """Puts all parts, each with its exact size and without a key, as storages require."""
    parts, at = [], 0
    for number, place in enumerate(prepared["presignedUrls"], 1):
        piece = content[at : at + place["size"]]
        at += place["size"]
        status, headers, _ = send("PUT", place["url"], piece, {"Content-Type": "application/octet-stream"})
        t.equal(f"part {number} is taken", status, 200)
        parts.append({"partNumber": number, "etag": headers["ETag"].strip('"')})
    t.equal("the parts are the file", at, len(content))
    return parts


def upload(t, c, content=CSV, filename="films.csv", **options):
    """Runs the three steps. Returns the id of the started ingestion."""
    prepared = c.prepare_multipart_upload(filename, len(content))
    parts = put(t, prepared, content)
    begun = c.finish_multipart_upload(prepared["uploadId"], prepared["key"], parts, **options)
    t.true("an ingestion has begun", isinstance(uuid.UUID(begun["id"]), uuid.UUID))
    return begun["id"]


def wait(c, ingestion):
    return c.wait_for_ingestion(ingestion, poll_interval=0.05, timeout=30)


@drive
def prepare_multipart_upload(t):
    c = t.dataset([])
    prepared = c.prepare_multipart_upload("films.csv", 20_000_000)
    t.fits("an upload", prepared, {"uploadId": bool, "key": bool, "partSize": 8_388_608})
    sizes = [place["size"] for place in prepared["presignedUrls"]]
    t.equal("its parts", sizes, [8_388_608, 8_388_608, 3_222_784])
    here = t.emulator.proxy + "/"
    t.true("its URLs lead here", all(place["url"].startswith(here) for place in prepared["presignedUrls"]))
    t.rejected("no such dataset", 404, lambda: t.client("none").prepare_multipart_upload("films.csv", 1))


@drive
def finish_multipart_upload(t):
    c = t.dataset([])
    ingestion = upload(t, c, name="the films")
    t.fits("it ends well", wait(c, ingestion), {"id": ingestion, "status": "Completed", "processedRows": 2})
    t.equal("the rows of the file", c.query_data(), ROWS)

    long = t.dataset([], "long")
    rows = [{"n": str(n), "text": "x" * 2_000_000} for n in range(5)]
    content = b"n,text\n" + b"".join(f"{row['n']},{row['text']}\n".encode() for row in rows)
    wait(long, upload(t, long, content))
    t.true("a file of two parts", long.query_data() == rows)

    if not t.old:
        options = {
            "inference_steps": Pipeline(ProcessStructured(derive_from="tags")),
            "data_description": "Films",
            "schema_definition": {"title": "its name"},
            "infer_batch_size": 1,
        }
        split = t.dataset([], "split")
        content = b'{"title": "Heat", "tags": [{"tag": "crime"}, {"tag": "LA"}]}\n{"title": "Alien", "tags": []}\n'
        wait(split, upload(t, split, content, "films.ndjson", **options))
        want = [{"title": "Heat", "tag": "crime"}, {"title": "Heat", "tag": "LA"}]
        t.equal("steps are carried out", split.query_data(f"Ontology({t.namespace}/split).filter(title == Heat)"), want)
        definition = {"dataDescription": "Films", "schemaDefinition": {"title": "its name"}}
        t.fits("the definition is kept", split.get_dataset_info(), {"metadata": definition})
        t.dataset([{"name": "Alien"}], "names")
        linked = t.dataset([], "linked")
        options = {"entity_resolution": MatchTypeConfig(exact_match=ExactMatch())}
        t.fits("links are looked for", wait(linked, upload(t, linked, **options)), {"status": "Completed"})
        found = [link for link in linked.load_links() or [] if link["hits"] == 1]
        ends = {t.column("linked", "title"), t.column("names", "name")}
        t.true("and found", any({link["origin"], link["destination"]} == ends for link in found))

    prepared = c.prepare_multipart_upload("films.csv", len(CSV))
    put(t, prepared, CSV)
    wrong = [{"partNumber": 1, "etag": "0" * 32}]
    t.rejected("a wrong tag", 400, lambda: c.finish_multipart_upload(prepared["uploadId"], prepared["key"], wrong))


@drive
def abort_multipart_upload(t):
    c = t.dataset([])
    prepared = c.prepare_multipart_upload("films.csv", len(CSV))
    upload_id, key = prepared["uploadId"], prepared["key"]
    parts = put(t, prepared, CSV)
    t.equal("aborted", c.abort_multipart_upload(upload_id, key), None)
    t.rejected("an aborted upload", 400, lambda: c.finish_multipart_upload(upload_id, key, parts))
    status, _, body = send("PUT", prepared["presignedUrls"][0]["url"], CSV)
    t.true("its URLs lead nowhere", status in (403, 404) and body.lstrip().startswith("<"))
    t.equal("nothing was ingested", c.list_ingestions(), [])


@drive
def list_ingestions(t):
    c = t.dataset([])
    t.equal("none", c.list_ingestions(), [])
    first = upload(t, c, name="one")
    wait(c, first)
    second = upload(t, c, name="two")
    wait(c, second)
    both = c.list_ingestions()
    t.equal("the newest first", [one["id"] for one in both], [second, first])
    t.fits(
        "what is known of one",
        both[0],
        {
            "status": "Completed", "processedRows": 2, "processedBytes": len(CSV), "expectedTotalBytes": len(CSV),
            "attributes": {"name": "two", "seenAt": None},
        },
    )  # fmt: skip
    t.equal("a page of one", [one["id"] for one in c.list_ingestions(page_size=1)], [second])
    t.equal("no such dataset, no answer", t.client("none").list_ingestions(), None)
    t.equal("a page too large, no answer", c.list_ingestions(page_size=101), None)


@drive
def wait_for_ingestion(t):
    c = t.dataset([])
    done = wait(c, upload(t, c))
    t.fits("a good end", done, {"status": "Completed", "processedRows": 2})
    failed = wait(c, upload(t, c, b'{"title": "Heat"', "films.json"))
    t.fits("a bad end", failed, {"status": "Failed", "statusMessage": bool})
    t.equal("nothing of the bad file is stored", c.query_data(), ROWS)
    t.raises("an unknown one", TimeoutError, lambda: c.wait_for_ingestion(NOBODY, poll_interval=0.01, timeout=0.05))


@drive
def retry_ingestion(t):
    c = t.dataset([])
    failed = upload(t, c, b"[1]", "films.json")
    wait(c, failed)
    again = c.retry_ingestion(failed)
    t.true("a new ingestion", isinstance(again, dict) and again["id"] != failed)
    t.fits(
        "of the same file, which is as bad as before",
        wait(c, again["id"]),
        {"status": "Failed", "attributes": {"originalIngestionId": failed}},
    )
    first = next(one for one in c.list_ingestions() if one["id"] == failed)
    t.fits("the first one reports it", first, {"attributes": {"lastRetryAt": bool}})
    with t.emulator.fault("ingestFile", status=500):
        done = upload(t, c)
        t.fits("bad luck", wait(c, done), {"status": "Failed"})
    done = c.retry_ingestion(done)["id"]
    t.fits("better luck", wait(c, done), {"status": "Completed", "processedRows": 2})
    t.equal("its rows are stored once", c.query_data(), ROWS)
    t.equal("what went well is not tried again", c.retry_ingestion(done), None)
    t.equal("nor what is not there", c.retry_ingestion(NOBODY), None)


@drive
def mark_ingestion_seen(t):
    c = t.dataset([])
    ingestion = upload(t, c)
    wait(c, ingestion)
    t.equal("marked", c.mark_ingestion_seen(ingestion), None)
    t.fits("it is seen", c.list_ingestions(), [{"id": ingestion, "attributes": {"seenAt": bool}}])
    t.rejected("one that is not there", 404, lambda: c.mark_ingestion_seen(NOBODY))
