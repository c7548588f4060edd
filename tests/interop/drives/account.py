"""The user, tokens and usage."""

import datetime
import uuid

from stage import FILMS, drive

NOBODY = str(uuid.UUID(int=7))


def in_an_hour():
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


@drive(since="2.2.0")
def get_current_user(t):
    mine, theirs = t.client().get_current_user(), t.client(key=t.emulator.other_key).get_current_user()
    t.true("the client can read it", isinstance(mine, dict) and isinstance(theirs, dict))
    t.true("the user of the key", t.emulator.user in str(mine) and t.emulator.other_user in str(theirs))
    t.equal("no key, no answer", t.client(key="wrong").get_current_user(), None)


@drive
def add_token(t):
    c = t.dataset()
    t.dataset([], "secret")
    end = in_an_hour()
    made = c.add_token(f"of {t.kind}", end)
    t.fits("a token", made, {"id": bool, "name": f"of {t.kind}", "token": bool, "created_at": bool})
    read = datetime.datetime.fromisoformat
    t.equal("with its end", read(made["expires_at"]), read(end))
    t.equal("it opens", t.client(key=made["token"]).query_data(), FILMS)
    with t.emulator.later("2h"):
        t.equal("until its end", t.client(key=made["token"]).query_data(), None)

    place = {"username": "self", "namespace": t.namespace, "dataset": "films"}
    narrow = c.add_token("narrow", access_restricted_to=[place])["token"]
    t.equal("a narrow one opens its dataset", t.client(key=narrow).query_data(), FILMS)
    t.equal("and no other", t.client("secret", key=narrow).get_dataset_info(), None)
    t.equal("nor makes it tokens", t.client(key=narrow).add_token("more"), None)
    t.equal("an end that is past, no token", c.add_token("late", "2001-01-01T00:00:00Z"), None)


@drive
def list_tokens(t):
    c = t.client()
    made = c.add_token(f"listed, of {t.kind}")
    found = [one for one in c.list_tokens() if one["id"] == made["id"]]
    t.fits("the new one, without its secret", found, [{"name": made["name"], "token": None}])
    t.equal("its end", found[0]["expires_at"], made["expires_at"])
    t.true("and that of the client itself", len(c.list_tokens()) >= 2)
    t.equal("no key, no answer", t.client(key="wrong").list_tokens(), None)


@drive
def delete_token(t):
    c = t.dataset()
    made = c.add_token("short")
    t.equal("deleted", c.delete_token(made["id"]), None)
    t.equal("it opens nothing", t.client(key=made["token"]).get_dataset_info(), None)
    t.equal("gone", [one for one in c.list_tokens() if one["id"] == made["id"]], [])
    t.rejected("a second time", 404, lambda: c.delete_token(made["id"]))


@drive
def list_token_permissions(t):
    c = t.client()
    free = c.add_token("free")
    t.fits("a token for all", c.list_token_permissions(free["id"]), {"restricted": False})
    places = [{"username": t.emulator.user, "namespace": "a", "dataset": "b"}, {"username": "bo", "namespace": "c"}]
    narrow = c.add_token("narrow", access_restricted_to=places)
    t.fits("a narrow one", c.list_token_permissions(narrow["id"]), {"restricted": True, "permissions": places})
    t.equal("no such token, no answer", c.list_token_permissions(NOBODY), None)


def spend(t):
    """Uses a model, or the rule in its place."""
    c = t.dataset()
    c.autorag("What is there on Heat?")
    c.autorag("What is there on Alien?")
    return c


@drive
def get_usage_history(t):
    c = spend(t)
    page = c.get_usage_history(page_size=1)
    t.fits("one item of some", page, {"data": [{"timestamp": bool, "tokensUsed": is_number, "costUSD": is_number}]})
    seen = [page["data"][0]["timestamp"]]
    cursor = page["meta"]["pageCursor"]
    t.true("there is more", isinstance(cursor, dict))
    following = c.get_usage_history(page_size=1, page_cursor=cursor)
    t.true("another item", following["data"] != page["data"] or following["meta"] != page["meta"])
    seen.append(following["data"][0]["timestamp"])
    t.equal("the oldest first", seen, sorted(seen))
    t.equal("none in the past", c.get_usage_history(before="2001-01-01T00:00:00Z")["data"], [])
    t.equal("none in the future", c.get_usage_history(on_or_after="2101-01-01T00:00:00Z")["data"], [])
    t.equal("no key, no answer", t.client(key="wrong").get_usage_history(), None)


@drive
def get_usage_by_day(t):
    c = spend(t)
    first = c.get_usage_by_day()
    t.fits("today", first["data"][-1:], [{"date": bool, "tokensUsed": is_number, "costUSD": is_number}])
    # The history of the same period has the same sum.
    total, cursor = 0, None
    while True:
        page = c.get_usage_history(page_size=100, **({"page_cursor": cursor} if cursor else {}))
        total += sum(item["tokensUsed"] for item in page["data"])
        cursor = page["meta"].get("pageCursor")
        if not cursor:
            break
    t.equal("days add up", sum(day["tokensUsed"] for day in c.get_usage_by_day()["data"]), total)
    zoned = c.get_usage_by_day(timezone="America/New_York")
    t.equal("so they do elsewhere", sum(day["tokensUsed"] for day in zoned["data"]), total)
    t.equal("no such place, no answer", c.get_usage_by_day(timezone="Mars/Olympus"), None)
    t.equal("none in the past", c.get_usage_by_day(before="2001-01-01T00:00:00Z")["data"], [])
    t.equal("no key, no answer", t.client(key="wrong").get_usage_by_day(), None)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
