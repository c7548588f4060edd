"""The creation of clients: environment, defaults and context managers, and the restriction to this machine."""

import os
from unittest import mock

import clients
import guard
from datalinks import api
from stage import FILMS, drive

ONLY = ("settings",)
NAMES = ("DL_HOST", "DL_API_KEY", "DL_NAMESPACE", "OBJECT_NAME", "INDEX", "DL_INGEST_PROXY", "DL_USERNAME")


def environment(**variables):
    """Sets these variables and removes all others."""
    rest = {name: value for name, value in os.environ.items() if name not in NAMES}
    return mock.patch.dict(os.environ, rest | variables, clear=True)


@drive(only=ONLY)
def _api_from_environment(t):
    host, key = t.emulator.host, t.emulator.key
    with environment(DL_HOST=host, DL_API_KEY=key, DL_NAMESPACE=t.namespace, OBJECT_NAME="films", INDEX="unused"):
        settings = api.DLConfig.from_env()
        c = clients.Wrapped(api.DataLinksAPI(), t.loop)
        t.equal("all variables", settings, clients.config(host, key, t.namespace, "films"))
        c.create_space()
        t.equal("they lead to the emulator", c.ingest(FILMS).failed, [])
        if not t.old:
            made = api.AsyncDataLinksAPI()
            t.equal("the other client, too", clients.Wrapped(made, t.loop).query_data(), FILMS)

            async def managed():
                async with made as entered:
                    return await entered.query_data() if entered is made else None

            t.equal("as a context manager", t.loop.run_until_complete(managed()), FILMS)
            t.true("which closes it", made._client.async_.is_closed)
    with environment():
        if t.old:
            settings = api.DLConfig.from_env(load_dotenv=False)
            t.equal("1.2.8 makes do without", (settings.host, settings.apikey), ("host-notset", "api-key-notset"))
        else:
            error = t.raises("nothing set", ValueError, lambda: api.DLConfig.from_env(load_dotenv=False))
            t.true("both are named", "DL_HOST" in str(error) and "DL_API_KEY" in str(error))
    with environment(DL_HOST=host, DL_API_KEY=key):
        namespace = api.DLConfig.from_env(load_dotenv=False).namespace
        t.equal("no namespace", namespace, "namespace-notset" if t.old else "")


@drive(only=ONLY)
def _proxy_from_environment(t):
    names = {"DL_INGEST_PROXY": t.emulator.proxy, "DL_API_KEY": t.emulator.key, "DL_USERNAME": t.emulator.user}
    with environment(**names, DL_NAMESPACE=t.namespace):
        settings = api.IngestProxyConfig.from_env()
        want = (t.emulator.proxy, t.emulator.key, t.emulator.user, t.namespace)
        have = (settings.host, settings.datalinks_token, settings.datalinks_username, settings.namespace)
        t.equal("all variables", have, want)
        events = list(api.IngestProxyAPI().run_pipeline(data=FILMS, model=False, ontology=False))
        t.fits("they lead to the emulator", events[-1], {"type": "complete", "indexed": 3})
    if not t.old:
        with environment():
            error = t.raises("nothing set", ValueError, lambda: api.IngestProxyConfig.from_env(load_dotenv=False))
            t.true("both are named", "DL_INGEST_PROXY" in str(error) and "DL_API_KEY" in str(error))


@drive(only=ONLY)
def _host_with_a_slash(t):
    host = t.emulator.host + "/"
    c = t.client(host=host)
    if t.old:
        # The client keeps the slash, and the paths begin with one.
        t.raises("two slashes are another path", api.DataLinksRequestError, c.create_space)
    else:
        c.create_space()
        t.fits("2.2.0 strips it", c.get_dataset_info(), {"dataset": {"name": "films"}})


@drive(only=ONLY)
def _odd_names(t):
    names = ["with space", "ümlaut €", "100%", "a+b", "q?x=1", "h#ash"] if not t.old else ["with space", "ümlaut €"]
    for name in names:
        c = t.client(name, namespace=f"{t.namespace} {name}")
        c.create_space()
        want = {"dataset": {"name": name, "namespace": f"{t.namespace} {name}"}}
        t.fits(f"a dataset called {name}", c.get_dataset_info(), want)
        listed = [one["name"] for one in c.list_datasets(c.config.namespace)]
        t.equal(f"listed as {name}", listed, [name])


@drive(only=ONLY)
def _nothing_leaves_this_machine(t):
    rejected = len(guard.rejected)
    c = t.client(host="http://192.0.2.1/api/v1")
    t.equal("an address of elsewhere: no answer", c.list_datasets(), None)
    t.equal("a name of elsewhere: no answer", t.client(host="http://datalinks.example/api/v1").list_datasets(), None)
    if not t.old:
        settings = clients.config("http://192.0.2.1/api/v1", "key", "n", "d")
        made = api.AsyncDataLinksAPI(settings)
        t.equal("nor to the async client", clients.Wrapped(made, t.loop).list_datasets(), None)
        t.loop.run_until_complete(made.aclose())
    settings = api.IngestProxyConfig("http://192.0.2.1", "key", "ana", "n")
    t.raises(
        "nor to the proxy's", api.DataLinksRequestError, lambda: api.IngestProxyAPI(settings).run_pipeline(data=[])
    )
    t.equal("all were kept back", set(guard.rejected[rejected:]), {"192.0.2.1", "datalinks.example"})


@drive(only=("async",), since="2.2.0")
def aclose(t):
    c = t.dataset()
    t.equal("closed", c.aclose(), None)
    t.raises("a closed client sends nothing", RuntimeError, c.list_datasets)
