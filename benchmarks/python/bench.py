"""One workload with the published Python client: bench.py WORKLOAD SIZE SERVER [IN-FLIGHT [DELAY-MS]].

Prints the same line of JSON as the programs in Rust. The client sends one request after the other.
"""

import json
import resource
import sys
import time

BATCH = 1000
TEXT = "Something that is said of it, in about a hundred bytes, so that a row has some two hundred in all."


def row(n):
    return {"id": n, "name": f"row number {n}", "year": 1979, "score": n / 7.0, "text": TEXT}


def client(origin):
    from datalinks import api

    settings = api.DLConfig(host=f"{origin}/api/v1", apikey="key", namespace="cinema", objectname="films")
    return api.DataLinksAPI(settings)


def proxy(origin):
    from datalinks import api

    settings = api.IngestProxyConfig(
        host=origin, datalinks_token="key", datalinks_username="self", namespace="cinema"
    )
    return api.IngestProxyAPI(settings)


def ingest(size, origin):
    films, rows = client(origin), [row(n) for n in range(size)]
    return lambda: len(films.ingest(rows, batch_size=BATCH).successful)


def query(size, origin):
    films = client(origin)
    return lambda: len(films.query_data('Ontology("cinema/films")'))


def ask(size, origin):
    films = client(origin)
    return lambda: sum(event.type == "step" for event in films.ask("Which film is the oldest?"))


def pipeline(size, origin):
    events = proxy(origin)
    return lambda: sum("n" in event for event in events.stream_pipeline("run"))


def calls(size, origin):
    films = client(origin)
    return lambda: sum(films.get_current_user() is not None for _ in range(size))


def start(size, origin):
    return lambda: int(client(origin).get_current_user() is not None)


WORKLOADS = {
    "ingest-maps": ingest,
    "query": query,
    "ask": ask,
    "pipeline": pipeline,
    "calls": calls,
    "start": start,
}


def main():
    name, size, server, in_flight, delay = (sys.argv[1:] + ["1", "0"])[:5]
    if in_flight != "1":
        sys.exit("the client has one request in flight")
    size = int(size)
    work = WORKLOADS[name](size, f"{server}/{size}/{delay}")
    # The whole process is measured for the workload "start".
    cpu = 0 if name == "start" else time.process_time_ns()
    wall = time.perf_counter_ns()
    items = work()
    report = {
        "items": items,
        "wall_ns": time.perf_counter_ns() - wall,
        "cpu_ns": time.process_time_ns() - cpu,
        "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    if items != size:
        sys.exit(f"{items} items were handled instead of {size}")
    print(json.dumps(report))


main()
