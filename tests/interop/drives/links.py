"""Links between columns, and the ontology of active links."""

import contextlib

import requests

from datalinks.links import ExactMatch, GeoMatch, MatchTypeConfig
from stage import FILMS, PEOPLE, drive

EXACT = MatchTypeConfig(exact_match=ExactMatch(minVariation=0.0, minDistinct=0.0))


def director(t, hits):
    """Returns the link of films and people in either direction."""
    ends = {t.column("films", "director"), t.column("people", "name")}

    def is_it(link):
        return {link["origin"], link["destination"]} == ends and link["hits"] == hits

    return lambda links: isinstance(links, list) and len([link for link in links if is_it(link)]) == 1


def no_links(t, what, read):
    """Handles a response without a body, for which 2.2.0 returns None and 1.2.8 raises an error."""
    with contextlib.suppress(requests.exceptions.JSONDecodeError):
        t.equal(what, read(), None)
        return
    t.true(what, t.old)


@drive
def add_link(t):
    t.dataset(PEOPLE, "people")
    c = t.dataset()
    ends = (t.namespace, "films", "director", t.namespace, "people", "name")
    t.equal("a new link", c.add_link(*ends, "ExactMatch"), True)
    t.equal("the same again", c.add_link(*ends, "ExactMatch"), False)
    t.fits(
        "the link counts pairs of rows",
        c.load_links(),
        [
            {
                "origin": t.column("films", "director"),
                "destination": t.column("people", "name"),
                "matchType": "ExactMatch",
                "hits": 2,
            }
        ],
    )
    other = (t.namespace, "films", "title", t.namespace, "people", "name")
    t.equal("options", c.add_link(*other, "ExactMatch", {"minDistinct": 0.0}), True)
    none = (t.namespace, "films", "none", t.namespace, "people", "name")
    t.equal("no such column, no answer", c.add_link(*none, "ExactMatch"), None)


@drive
def load_links(t):
    no_links(t, "no links, no answer", t.dataset([], "alone").load_links)
    c = t.linked()
    t.true("from one end", director(t, 2)(c.load_links()))
    t.true("from the other", director(t, 2)(t.client("people").load_links()))
    c.ingest([{"title": "Blade Runner", "director": "Scott"}])
    t.true("more rows, more hits", director(t, 3)(c.load_links()))
    t.equal("no such dataset, no answer", t.client("none").load_links(), None)


@drive
def preview_links(t):
    t.dataset(PEOPLE, "people")
    c = t.dataset([])
    found = c.preview_links(FILMS, EXACT)
    t.true("what would be found", director(t, 2)(found))
    t.true("only exact matches", all(link["matchType"] == "ExactMatch" for link in found or []))
    t.equal("without saying how", isinstance(c.preview_links(FILMS), list), True)
    some = MatchTypeConfig(exact_match=ExactMatch(targetColumns=["title"]))
    columns = [part for link in c.preview_links(FILMS, some) or [] for part in (link["origin"], link["destination"])]
    t.equal("only of some columns", t.column("films", "director") in columns, False)
    no_links(t, "nothing is added", c.load_links)
    t.equal("no key, no answer", t.client(key="wrong").preview_links(FILMS), None)


@drive
def rebuild_links(t):
    t.dataset(PEOPLE, "people")
    c = t.dataset()
    t.true("what is found", director(t, 2)(c.rebuild_links(FILMS, EXACT)))
    t.true("is there now", director(t, 2)(c.load_links()))

    t.dataset([{"town": "Rome", "latitude": 41.9, "longitude": 12.5}], "towns")
    airports = [
        {"code": "CIA", "latitude": 41.8, "longitude": 12.59},
        {"code": "JFK", "latitude": 40.6, "longitude": -73.8},
    ]
    places = t.dataset(airports, "airports")
    near = MatchTypeConfig(geo_match=GeoMatch(distance=20.0, distanceUnit="kilometers"))
    here = t.column("towns", "")
    found = [link for link in places.rebuild_links(airports, near) if link["destination"].startswith(here)]
    t.equal("near each other", [(link["matchType"], link["hits"]) for link in found], [("GeoMatch", 1)])
    t.equal("no key, no answer", t.client(key="wrong").rebuild_links(FILMS), None)


@drive
def get_ontology(t):
    no_links(t, "no links, no answer", t.dataset([], "alone").get_ontology)
    c = t.linked()
    t.true("the link that was added is active", director(t, 2)(c.get_ontology()))
    films, people = (f"{t.namespace}/{name}" for name in ("films", "people"))
    found = c.query_data(f"Ontology({films}).filter(title == Heat).searchAround().find({people})")
    t.equal("queries follow it", found, [{"name": "Mann", "born": 1943}])
    t.equal("no such dataset, no answer", t.client("none").get_ontology(), None)


@drive
def save_ontology(t):
    c = t.linked()
    link = c.get_ontology()[0]
    t.equal("taken out", c.save_ontology(remove=[link]), None)
    no_links(t, "no active link is left", c.get_ontology)
    t.equal("added", c.save_ontology(add=[link]), None)
    t.true("active again", director(t, 2)(c.get_ontology()))
    born = {"origin": t.column("films", "year"), "destination": t.column("people", "born")}
    # 2.2.0 sets values that 1.2.8 leaves to its caller.
    whole = born | ({"hits": 0, "matchType": "ExactMatch"} if t.old else {})
    t.equal("one for another", c.save_ontology(add=[whole], remove=[link]), None)
    t.fits("the other one", c.get_ontology(), [{**born, "matchType": "ExactMatch", "hits": 0}])
    none = {**link, "origin": t.column("none", "title")}
    t.rejected("no such dataset", 404, lambda: c.save_ontology(add=[none]))


@drive
def curate_links(t):
    t.dataset(PEOPLE, "people")
    c = t.dataset()
    c.rebuild_links(FILMS, EXACT)
    found = c.curate_links()
    t.fits("a choice", found, {"datasetsProcessed": 2, "totalSelected": len(found["curatedLinks"])})
    t.true("which is shown", director(t, 2)(found["curatedLinks"]))
    no_links(t, "and no more than that", c.get_ontology)
    options = {"namespace": t.namespace, "dataset": "films", "model": "some", "provider": "any"}
    t.fits("for one dataset", c.curate_links(**options), {"datasetsProcessed": 1})
    active = c.curate_links(activate=True)
    t.fits("a choice that counts", active, {"totalSelected": found["totalSelected"], "curatedLinks": None})
    t.true("is active", director(t, 2)(c.get_ontology()))
    t.equal("no namespace, no answer", c.curate_links(namespace="none"), None)
    t.equal("no key, no answer", t.client(key="wrong").curate_links(), None)
