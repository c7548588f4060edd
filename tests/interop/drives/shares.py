"""Sharing with another user, who exists and gets exactly the granted access."""

from stage import FILMS, drive


def theirs(t, dataset="films"):
    """Returns a client of the other user for the first user's dataset."""
    return t.client(dataset, key=t.emulator.other_key)


def seen(t):
    """Returns the dataset as the other user reads it."""
    return theirs(t).query_data(username=t.emulator.user)


@drive(since="2.2.0")
def share_dataset_access(t):
    c, bo = t.dataset(), t.emulator.other_user
    t.equal("kept from others", seen(t), None)
    t.equal("shared", c.share_dataset_access(bo, "viewer"), None)
    t.equal("seen", seen(t), FILMS)
    listed = [one["name"] for one in theirs(t).list_datasets_in_namespace_schema(user=t.emulator.user)]
    t.equal("listed", listed, ["films"])
    t.equal("shared for writing", c.share_dataset_access(bo, "editor"), None)
    t.fits("one grant instead of the other", c.list_dataset_shares(), [{"username": bo, "role": "editor"}])
    t.rejected("only owners share", 404, lambda: theirs(t).share_dataset_access(t.emulator.user, "viewer"))
    t.rejected("nobody", 422, lambda: c.share_dataset_access("nobody", "viewer"))
    t.raises("no such role", ValueError, lambda: c.share_dataset_access(bo, "owner"))


@drive(since="2.2.0")
def revoke_dataset_access(t):
    c, bo = t.dataset(), t.emulator.other_user
    c.share_dataset_access(bo, "viewer")
    t.equal("revoked, whatever the role", c.revoke_dataset_access(bo, "editor"), None)
    t.equal("kept from others", seen(t), None)
    t.rejected("a second time", 422, lambda: c.revoke_dataset_access(bo, "viewer"))
    t.equal("no grants", c.list_dataset_shares(), [])


@drive(since="2.2.0")
def list_dataset_shares(t):
    c, bo = t.dataset(), t.emulator.other_user
    t.equal("none", c.list_dataset_shares(), [])
    c.share_dataset_access(bo, "viewer")
    t.equal("one", c.list_dataset_shares(), [{"username": bo, "role": "viewer"}])
    t.equal("no such dataset, no answer", t.client("none").list_dataset_shares(), None)


@drive(since="2.2.0")
def share_namespace_access(t):
    c, bo = t.dataset(), t.emulator.other_user
    t.equal("shared", c.share_namespace_access(bo, "viewer"), None)
    t.dataset(FILMS[:1], "later")
    t.equal("all datasets", seen(t), FILMS)
    query = theirs(t, "later").query_data(username=t.emulator.user)
    t.equal("those made later, too", query, FILMS[:1])
    t.rejected("no such namespace", 404, lambda: t.client(namespace="none").share_namespace_access(bo, "viewer"))


@drive(since="2.2.0")
def revoke_namespace_access(t):
    c, bo = t.dataset(), t.emulator.other_user
    c.share_namespace_access(bo, "editor")
    t.equal("seen", seen(t), FILMS)
    t.equal("revoked", c.revoke_namespace_access(bo, "editor"), None)
    t.equal("kept from others", seen(t), None)
    t.rejected("a second time", 422, lambda: c.revoke_namespace_access(bo, "editor"))


@drive(since="2.2.0")
def list_namespace_shares(t):
    c, bo = t.dataset(), t.emulator.other_user
    t.equal("none", c.list_namespace_shares(), [])
    c.share_namespace_access(bo, "editor")
    t.equal("one", c.list_namespace_shares(), [{"username": bo, "role": "editor"}])
    t.equal("not that of a dataset", c.list_dataset_shares(), [])
    t.equal("no such namespace, no answer", t.client(namespace="none").list_namespace_shares(), None)
