"""The existing resources of the emulator under test, created for each call that names them, because any call may
delete them."""

import itertools
import json
import os
import time
import zlib
from urllib.parse import quote

import requests

API, PROXY = os.environ["DL_HOST"], os.environ["DL_INGEST_PROXY"]
OWNER, OTHER = os.environ["DL_USERNAME"], "bo"

NAMESPACE, DATASET = "cinema", "films"
FILMS = [
    {"title": "Alien", "year": 1979, "director": "Scott", "place": "51.5, -0.1"},
    {"title": "Heat", "year": 1995, "director": "Mann", "place": "34.0, -118.2"},
]
QUESTION = {"username": "self", "namespace": NAMESPACE, "query": "Which films are there?"}
PEOPLE = [{"name": "Scott", "home": "54.9, -1.4"}, {"name": "Mann", "home": "41.8, -87.6"}]

# By namespace, because renamed namespaces contain datasets of the same name.
QUERIES = [
    "Ontology(cinema/films)",
    'OntologyObject("cinema/films").filter(year > 1980 && title != "Alien")',
    "Ontology(Cinema/FILMS).filter((year<1980||director=='Mann')).searchAround().find('cinema/people')",
    'Ontology(cinema/people).searchAround().find(cinema/films).filter("title == Heat").get()',
    "Ontology('cinema/films').filter(year > 1900, director == Scott).sort(year, DESC).limit(1)",
    'Ontology("cinema/people").sortAscending(home).sortDescending(name).searchAround(2).find("cinema/people")',
    'Ontology("cinema/films").limit(1).searchAround().find("cinema/people").follow(director)',
    "Ontology(nothing)",
]

http = requests.Session()
http.trust_env = False
http.headers["Authorization"] = f"Bearer {os.environ['DL_API_KEY']}"


def post(url, body, allowed=()):
    answer = http.post(url, json=body, timeout=10)
    if not answer.ok and answer.status_code not in allowed:
        raise RuntimeError(f"{url}: {answer.status_code} {answer.text}")
    return answer


def column(dataset, name):
    return {"username": "self", "namespace": NAMESPACE, "dataset": dataset, "columnName": name}


def link(case=None):
    return {"from": column("films", "director"), "to": column("people", "name")}


def places():
    """Creates two datasets with rows, and a link between them."""
    for name, rows in (("films", FILMS), ("people", PEOPLE)):
        # Clearing a dataset removes its columns, too.
        known = http.get(f"{API}/data/self/{NAMESPACE}/{name}", timeout=10)
        if known.status_code == 404:
            post(f"{API}/ingest/new/{NAMESPACE}/{name}", {})
        if known.status_code == 404 or known.json()["metadata"]["rowCount"] == 0:
            post(f"{API}/ingest/{NAMESPACE}/{name}", {"data": rows})
    post(f"{API}/links/add", {**link(), "matchType": "ExactMatch"})
    return {"username": "self", "user": "self", "namespace": NAMESPACE, "datasetName": DATASET}


def put(prepared, content):
    """Puts the only part of a file. Returns the body of the finish request."""
    answer = http.put(prepared["presignedUrls"][0]["url"], data=content, timeout=10, headers={"Authorization": None})
    answer.raise_for_status()
    part = {"partNumber": 1, "etag": answer.headers["ETag"].strip('"')}
    return {"uploadId": prepared["uploadId"], "key": prepared["key"], "parts": [part]}


def upload(place, content=b"title\nAlien\n"):
    """Returns the body of the finish request of an upload at a path, if the dataset exists."""
    body = {"filename": "a.csv", "size": len(content)}
    prepared = post(f"{PROXY}{place}/prepare", body, allowed=(403, 404))
    return put(prepared.json(), content) if prepared.ok else {}


def path(case):
    return quote(case.formatted_path, safe="/%")


def is_filled(case):
    """Returns true if a call names the dataset that has rows."""
    return (case.path_parameters["namespace"], case.path_parameters["datasetName"]) == (NAMESPACE, DATASET)


def begun(case):
    """Returns the body that finishes or aborts the upload that a call names."""
    finish = upload(path(case).rpartition("/")[0])
    return finish if "parts" in case.body else {name: finish[name] for name in finish if name != "parts"}


# The finish requests of the files in sessions, by file.
FINISHES = {}


def session():
    """Creates a session of two files, one of them uploaded."""
    files = [{"filename": "a.csv", "size": 3}, {"filename": "b.csv", "size": 3}]
    prepared = post(f"{API}/file-upload/prepare", {"filesToUpload": files}).json()
    file = prepared["files"][0]
    FINISHES[file["fileId"]] = put(file, b"a\n1")
    return {"sessionId": prepared["sessionId"], "fileId": file["fileId"]}


def ingestion(content):
    """Returns the id of an ingestion that has ended."""
    places()
    place = f"/api/v1/upload/multipart/self/{NAMESPACE}/{DATASET}"
    finished = post(f"{PROXY}{place}/finish", upload(place, content)).json()
    for _ in range(200):
        page = http.get(f"{API}/data/self/{NAMESPACE}/{DATASET}/ingest/attempts", timeout=10).json()
        if any(item["id"] == finished["id"] and item["status"] in ("Completed", "Failed") for item in page["data"]):
            break
        time.sleep(0.005)
    return {"ingestionId": finished["id"]}


def run():
    """Returns the ids of a completed run of the agent and of its conversation."""
    places()
    post(f"{API}/query/autorag", QUESTION)
    space = {"username": "self", "namespace": NAMESPACE}
    conversations = http.get(f"{API}/query/conversations", params=space, timeout=10).json()["conversations"]
    detail = http.get(f"{API}/query/conversations/{conversations[0]['id']}", timeout=10).json()
    return {"runId": detail["turns"][0]["runId"], "conversationId": detail["id"]}


def interrupted():
    """Returns the id of a resumable run of the agent that stopped after its plan."""
    post(f"{PROXY}/_emulator/faults", {"operation": "agentRun", "end-after": 3})
    post(f"{PROXY}/_emulator/faults", {"operation": "autoragStream", "cut-after": 3})
    places()
    with http.post(f"{API}/query/ask", json=QUESTION, timeout=10, stream=True) as answer:
        lines = answer.iter_lines()
        for line in lines:
            if line == b"event: run-started":
                return {"runId": json.loads(next(lines).removeprefix(b"data: "))["runId"]}
    raise RuntimeError("the stream names no run")


def token():
    return {"tokenId": post(f"{API}/user/token", {"name": "made by a test"}).json()["id"]}


def cleaning():
    body = {"prompts": ["trim"], "outputNamespace": "cleaned", "outputDatasetName": f"at {time.monotonic_ns()}"}
    place = "/".join(places()[name] for name in ("username", "namespace", "datasetName"))
    return {"cleaningTaskId": post(f"{API}/agents/{place}/requestCleaning", body).json()["cleaningTaskId"]}


def coordinate(dataset):
    return {"owner": "self", "namespace": NAMESPACE, "datasetName": dataset}


def spec(case=None):
    """Returns existing datasets, which a build spec may name."""
    places()
    return {"sources": [coordinate("films")], "destination": coordinate("people")}


def build_spec():
    code = {"payload": "cHJpbnQoMSk="}
    return {"buildSpecId": post(f"{API}/build-specs", {**spec(), "code": code}).json()["id"]}


def pipeline(waits=False):
    """Returns the id of a run of the ingest proxy that has ended or waits for an answer."""
    switches = {"model": False, "ingest": True, "ontology": False, "enableHumanInTheLoop": waits}
    bounds = {"maxEvalRetries": 0, "maxRowsForModeling": 0, "maxSampleRows": 1}
    body = {"datalinksUsername": "self", "namespace": "made", "data": FILMS, **switches, **bounds}
    return {"runId": post(f"{PROXY}/api/pipeline", body).headers["x-workflow-run-id"]}


# Alternates, so that both agents are called.
AGENTS = itertools.cycle(["nl2ql", "assistant"])


def agent():
    places()
    return {"agentName": next(AGENTS)}


def shared(case):
    """Returns a user to share with, who has a share if the call revokes one."""
    share = {"username": OTHER, "role": case.body["role"]}
    if case.method == "DELETE":
        post(f"{PROXY}{path(case)}", share, allowed=(403, 404))
    return share


def inside(case):
    return {"username": "self", "namespace": NAMESPACE}


def query(case):
    """Replaces the text of a query by a valid one, or adds one if there is no question, because a schema cannot
    describe valid queries."""
    places()
    body = case.body
    asks = body.get("naturalLanguageQuery") is not None or body.get("dataset") is not None
    if asks and not body.get("query"):
        return inside(case)
    return {**inside(case), "query": QUERIES[zlib.crc32(repr(body).encode(errors="replace")) % len(QUERIES)]}


# Requests of the agent protocol, which the document describes as a free object.
MESSAGE = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "Who directed Alien?"}]}
ASKED = {"message": {**MESSAGE, "metadata": {"namespace": NAMESPACE}}}
CALLS = [
    ("SendMessage", ASKED),
    ("SendStreamingMessage", ASKED),
    ("SendStreamingMessage", {**ASKED, "configuration": {"acceptedOutputModes": ["text"]}}),
    ("SendStreamingMessage", {"message": {**MESSAGE, "metadata": {"namespace": "nothing"}}}),
    ("SendMessage", {"message": MESSAGE}),
    ("GetExtendedAgentCard", {}),
    ("GetTask", {"id": "t"}),
]


def rpc(case):
    """Replaces a call by one of these. Some generated calls are kept."""
    what = zlib.crc32(repr(case.body).encode(errors="replace"))
    if what % 8 == 0:
        return {}
    method, params = CALLS[what % len(CALLS)]
    return {"jsonrpc": "2.0", "id": what, "method": method, "params": params}


def ontology(case):
    if not is_filled(case):
        return {"add": []}
    prefix = f"ri.{OWNER}.{NAMESPACE}"
    link = {"origin": f"{prefix}.films.director", "destination": f"{prefix}.people.name", "hits": 2}
    return {"add": [{**link, "matchType": "ExactMatch"}], "remove": []}


# Names in the path of an operation. `places` has those of other operations.
NAMES = {
    "a2aJsonRpc": agent,
    "abortFileUpload": session,
    "createDataset": lambda: {"namespace": NAMESPACE},
    "deleteBuildSpec": build_spec,
    "editBuildSpec": build_spec,
    "getBuildSpec": build_spec,
    "deleteAgentRun": run,
    "deleteToken": token,
    "finishFileUpload": session,
    "getA2aAgentCard": agent,
    "getAgentRunStatus": run,
    "getCleaningTaskCode": cleaning,
    "getConversation": run,
    "getPipelineTrace": pipeline,
    "listSessionFiles": session,
    "listTokenPermissions": token,
    "markIngestionSeen": lambda: ingestion(b"title\nAlien\n"),
    "resumeAgentRun": interrupted,
    "resumePipelineHook": lambda: pipeline(waits=True),
    "retryIngestion": lambda: ingestion(b"title\n\xff\n"),
    "streamPipeline": pipeline,
    "submitAgentRunFeedback": run,
}

# Fields in the body of an operation, given the call.
FIELDS = {
    "a2aJsonRpc": rpc,
    "abortMultipartUpload": begun,
    "addLink": link,
    "autorag": inside,
    "autoragStream": inside,
    "createBuildSpec": spec,
    "editBuildSpec": spec,
    "curateLinks": lambda case: {"namespace": NAMESPACE},
    "finishFileUpload": lambda case: FINISHES.get(case.path_parameters["fileId"], {}),
    "finishMultipartUpload": begun,
    "queryData": query,
    "revokeDatasetAccess": shared,
    "revokeNamespaceAccess": shared,
    # The stream of a waiting run lasts until somebody answers, which never happens here.
    "runPipeline": lambda case: {"datalinksUsername": "self", "enableHumanInTheLoop": False},
    "saveConnections": ontology,
    "shareDatasetAccess": shared,
    "shareNamespaceAccess": shared,
    "updateSortOrder": lambda case: {"order": ["year", "title"] if is_filled(case) else []},
}
