//! Links between columns.

use std::collections::BTreeSet;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use serde::Serialize;

use super::call::OperationCall;
use crate::accounts::CallerView;
use crate::concurrency::lock::write;
use crate::concurrency::work::{LARGE, background};
use crate::linking::{
    Compared, DiscoveredLink, LinkSelection, TooManyLinks, discover, hits, matching, suggest,
};
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::store::{ColumnName, Dataset, DatasetName, InputRow, Link, LinkState, MatchKind, Right};

/// A link as it is listed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    origin: String,
    destination: String,
    match_type: MatchKind,
    hits: u64,
}

impl Listed {
    pub(super) fn of(link: &Link, hits: u64) -> Self {
        let (origin, destination) = (link.from.identifier(), link.to.identifier());
        Self { origin, destination, match_type: link.kind(), hits }
    }

    fn found(found: &[DiscoveredLink]) -> Vec<Self> {
        found.iter().map(|found| Self::of(&found.link, found.hits)).collect()
    }
}

/// The active and the suggested links of a dataset.
pub(super) fn read_all<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    list(call, |_| true).boxed()
}

/// The active ones.
pub(super) fn read_active<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    list(call, Link::is_active).boxed()
}

/// The links at either end of which a dataset stands, if the caller may read the other end as well.
async fn list(call: &OperationCall<'_>, wanted: fn(&Link) -> bool) -> Result<ApiResponse, Problem> {
    let (store, caller, name) = (call.state.snapshot(), call.caller.clone(), call.dataset_name());
    background(move || {
        store.find(&name)?;
        let sight = CallerView::new(&store, &caller);
        let links = store.links().iter().filter(|link| link.touches(&name) && wanted(link));
        let seen = links.filter(|link| sight.sees(&link.from.dataset) && sight.sees(&link.to.dataset));
        let listed: Vec<Listed> = seen.map(|link| Listed::of(link, hits(&store, link))).collect();
        if listed.is_empty() {
            return Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT));
        }
        Ok(ApiResponse::json(&listed))
    })
    .await
}

pub(super) fn add(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let from = end(call, &mut fields, "from");
    let to = end(call, &mut fields, "to");
    let kind: String = fields.required("matchType");
    // The document knows these two only.
    let kind = MatchKind::parse(&kind).unwrap_or(MatchKind::ExactMatch);
    let matching = match fields.object("options") {
        None => kind.plain(),
        Some(mut options) => {
            let matching = matching(kind, &mut options);
            // Those of the other kind and those that choose among columns count for nothing.
            fields.close(options);
            matching
        }
    };
    fields.finish()?;
    let link = Link { from, to, matching, state: LinkState::Active };
    let mut store = write(&call.state.store);
    may_write(call.sight(&store), &link)?;
    let new = store.add_link(link)?;
    Ok(ApiResponse::empty().status(if new { StatusCode::CREATED } else { StatusCode::OK }))
}

/// Rejects a link that the caller may not write. It may lead from a column to itself.
pub(super) fn may_write(sight: CallerView<'_>, link: &Link) -> Result<(), Problem> {
    sight.check(&link.from.dataset, Right::Write)?;
    sight.check(&link.to.dataset, Right::Read)
}

/// One end of a link, as a request writes it.
fn end(call: &OperationCall<'_>, fields: &mut Fields<'_>, name: &str) -> ColumnName {
    let Some(mut object) = fields.object(name) else {
        return DatasetName::new("", "", "").column("");
    };
    let username: String = object.required("username");
    let space = call.space_of(&username, &object.required::<String>("namespace"));
    let dataset = space.dataset(object.required::<String>("dataset"));
    let column = dataset.column(object.required::<String>("columnName"));
    fields.close(object);
    column
}

/// The links that rows would have.
pub(super) fn preview<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let (rows, wanted) = rows_and_kinds(call).await?;
        let (store, caller, name) = (call.state.snapshot(), call.caller.clone(), call.dataset_name());
        background(move || {
            store.find(&name)?;
            let found = compare_rows(CallerView::new(&store, &caller), &name, rows, &wanted)?;
            Ok(ApiResponse::json(&Listed::found(&found)))
        })
        .await
    }
    .boxed()
}

/// Replaces the suggestions that begin at a dataset by those that rows give, or its own rows where none is sent.
/// What the caller may not see stays.
pub(super) fn rebuild<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let (rows, wanted) = rows_and_kinds(call).await?;
        let (store, caller, name) = (call.state.snapshot(), call.caller.clone(), call.dataset_name());
        let found = background(move || {
            let own = store.find(&name)?;
            let sight = CallerView::new(&store, &caller);
            let mut found = if rows.is_empty() {
                discover(sight, Compared { name: &name, dataset: own, from: 0 }, &wanted)?
            } else {
                compare_rows(sight, &name, rows, &wanted)?
            };
            // The rows that were sent may have columns that the dataset does not.
            found.retain(|found| own.has_column(found.link.column_in(&name)));
            Ok::<_, Problem>(found)
        })
        .await?;
        let answer = ApiResponse::json(&Listed::found(&found));
        let name = call.dataset_name();
        let mut store = write(&call.state.store);
        store.find(&name)?;
        let seen: BTreeSet<DatasetName> =
            call.sight(&store).datasets().map(|(name, _)| name.clone()).collect();
        let is_replaced =
            |link: &Link| !link.is_active() && link.from.dataset == name && seen.contains(&link.to.dataset);
        store.links_mut().retain(|link| !is_replaced(link));
        suggest(&mut store, found);
        Ok(answer)
    }
    .boxed()
}

/// The rows in the body of a call, and the kinds of links. A large body is read in the background.
async fn rows_and_kinds(
    call: &OperationCall<'_>,
) -> Result<(Vec<InputRow<'static>>, LinkSelection), Problem> {
    let read = |body: &[u8]| {
        let mut fields = Fields::read(body)?;
        let rows = fields.required_rows("data").into_iter().map(InputRow::into_owned).collect();
        let wanted = LinkSelection::take(&mut fields).or_all();
        fields.finish()?;
        Ok((rows, wanted))
    };
    if call.body.len() < LARGE {
        return read(&call.body);
    }
    let body = call.body.clone();
    background(move || read(&body)).await
}

/// Compares rows that belong to no dataset, as if they were all that this one has.
fn compare_rows(
    sight: CallerView<'_>,
    name: &DatasetName,
    rows: Vec<InputRow<'_>>,
    wanted: &LinkSelection,
) -> Result<Vec<DiscoveredLink>, TooManyLinks> {
    let mut dataset = Dataset::default();
    dataset.append(rows);
    discover(sight, Compared { name, dataset: &dataset, from: 0 }, wanted)
}
