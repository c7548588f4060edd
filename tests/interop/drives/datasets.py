"""Datasets and namespaces."""

import warnings

from stage import FILMS, PEOPLE, drive


@drive
def create_space(t):
    c = t.client()
    definition = {"title": "What it is called", "year": "When it was shown"}
    t.equal("a new dataset", c.create_space(data_description="Films", schema_definition=definition), None)
    t.fits(
        "what was said of it",
        c.get_dataset_info(),
        {
            "dataset": {"name": "films", "namespace": t.namespace, "owner": t.emulator.user, "visibility": "Private"},
            "metadata": {
                "columnNames": [], "rowCount": 0, "dataDescription": "Films", "schemaDefinition": definition,
            },
        },
    )  # fmt: skip
    t.equal("a dataset that exists counts as made", c.create_space(), None)
    t.fits("and stays as it is", c.get_dataset_info(), {"metadata": {"dataDescription": "Films"}})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # 1.2.8 still sends the privacy setting, although all datasets are private now.
        t.equal("a dataset for all", t.client("public").create_space(is_private=False), None)
    warned = [one for one in caught if one.category is FutureWarning]
    t.equal("2.2.0 warns of the option", len(warned), 0 if t.old else 1)
    t.fits("it is private all the same", t.client("public").get_dataset_info(), {"dataset": {"visibility": "Private"}})
    t.rejected("a key that nobody has", 401, lambda: t.client("other", key="wrong").create_space())
    t.rejected("no name", 400, lambda: t.client(" ").create_space())


@drive
def get_dataset_info(t):
    c = t.dataset()
    t.fits(
        "rows and columns",
        c.get_dataset_info(),
        {
            "dataset": {"name": "films", "namespace": t.namespace, "owner": t.emulator.user},
            "metadata": {"columnNames": ["title", "year", "director", "score"], "rowCount": 3},
        },
    )
    t.equal("no dataset, no answer", t.client("none").get_dataset_info(), None)


@drive
def update_infer_definition(t):
    c = t.dataset([])
    if t.old:
        t.equal("a text of fields", c.update_infer_definition("Films", "title: its name"), None)
        definition = {"dataDescription": "Films", "fieldDefinition": "title: its name"}
        t.fits("is kept", c.get_dataset_info(), {"metadata": definition})
    else:
        t.equal("a description", c.update_infer_definition(data_description="Films"), None)
        t.equal("a schema", c.update_infer_definition(schema_definition={"title": "its name"}), None)
        definition = {"dataDescription": "Films", "schemaDefinition": {"title": "its name"}}
        t.fits("either is kept when the other comes", c.get_dataset_info(), {"metadata": definition})
    names = {"data_description": "x"} | ({"field_definition": "y"} if t.old else {})
    t.rejected("no such dataset", 404, lambda: t.client("none").update_infer_definition(**names))


@drive
def update_sort_order(t):
    c = t.dataset()
    t.equal("an order", c.update_sort_order(["year", "title"]), None)
    columns = ["year", "title", "director", "score"]
    t.fits("columns in this order", c.get_dataset_info(), {"metadata": {"columnNames": columns}})
    t.rejected("an unknown column", 422, lambda: c.update_sort_order(["length"]))


@drive
def rename_dataset(t):
    c = t.dataset()
    t.equal("a new name", c.rename_dataset("Filme für alle"), None)
    t.equal("the old name is gone", c.get_dataset_info(), None)
    c.config.objectname = "Filme für alle"
    t.fits("the rows are there", c.get_dataset_info(), {"metadata": {"rowCount": 3}})
    t.dataset([], "taken")
    t.rejected("a name that is taken", 409, lambda: c.rename_dataset("taken"))


@drive
def rename_namespace(t):
    c = t.dataset()
    new = f"{t.namespace} (new)"
    t.equal("a new name", c.rename_namespace(new), None)
    t.equal("nothing has the old name", c.list_datasets(t.namespace), [])
    t.fits("all went along", t.client(namespace=new).get_dataset_info(), {"metadata": {"rowCount": 3}})
    t.rejected("no such namespace", 404, lambda: c.rename_namespace("another"))


@drive
def clear_dataset(t):
    c = t.dataset()
    c.update_sort_order(["year"])
    t.equal("cleared", c.clear_dataset(), None)
    t.equal("no rows", c.query_data(), [])
    t.fits("but a dataset", c.get_dataset_info(), {"metadata": {"rowCount": 0}})
    t.rejected("no such dataset", 404, lambda: t.client("none").clear_dataset())


@drive
def delete_dataset(t):
    c = t.dataset()
    t.equal("deleted", c.delete_dataset(), None)
    t.equal("gone", c.get_dataset_info(), None)
    t.equal("and with it its namespace", [n for n in c.list_namespaces() if n["name"] == t.namespace], [])
    t.rejected("a second time", 404, lambda: c.delete_dataset())


def _two(t):
    c = t.dataset(FILMS)
    t.dataset(PEOPLE, "people")
    common = {"namespace": t.namespace, "owner": t.emulator.user, "visibility": "Private"}
    return c, [{"name": "films", **common}, {"name": "people", **common}]


@drive
def list_datasets(t):
    c, both = _two(t)
    t.fits("those of the namespace", c.list_datasets(t.namespace), both)
    all_of_them = c.list_datasets()
    t.fits("all", [one for one in all_of_them if one["namespace"] == t.namespace], both)
    t.true("and those of others", len(all_of_them) > 2)
    t.equal("none in a namespace that is not there", c.list_datasets("nowhere"), [])
    t.equal("no key, no answer", t.client(key="wrong").list_datasets(), None)


@drive
def list_all_datasets_schema(t):
    c, both = _two(t)
    here = [one for one in c.list_all_datasets_schema() if one["namespace"] == t.namespace]
    t.fits("all", here, both)
    t.equal("no key, no answer", t.client(key="wrong").list_all_datasets_schema(), None)


@drive
def list_datasets_in_namespace_schema(t):
    c, both = _two(t)
    t.fits("those of the configured namespace", c.list_datasets_in_namespace_schema(), both)
    t.fits("by names", c.list_datasets_in_namespace_schema(t.namespace, t.emulator.user), both)
    t.equal("not there, no answer", c.list_datasets_in_namespace_schema("nowhere"), None)


@drive
def list_namespaces(t):
    c = t.dataset([])
    mine = [one for one in c.list_namespaces() if one["name"] == t.namespace]
    t.equal("the new one", mine, [{"name": t.namespace, "owner": t.emulator.user}])
    named = [one for one in c.list_namespaces(t.emulator.user) if one["name"] == t.namespace]
    t.equal("by the name of its owner", named, mine)
    t.equal("nobody, no answer", c.list_namespaces("nobody"), None)
