//! Handlers for links between columns.

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

/// A link in a list.
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

/// Lists the active and suggested links of a dataset.
pub(super) fn read_all<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    list(call, |_| true).boxed()
}

/// Lists the active links of a dataset.
pub(super) fn read_active<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    list(call, Link::is_active).boxed()
}

/// Lists the selected links that start or end at the dataset in the path, if the caller may read both ends.
async fn list(call: &OperationCall<'_>, selected: fn(&Link) -> bool) -> Result<ApiResponse, Problem> {
    let (store, caller, name) = (call.state.snapshot(), call.caller.clone(), call.dataset_name());
    background(move || {
        store.find(&name)?;
        let view = CallerView::new(&store, &caller);
        let links = store.links().iter().filter(|link| link.touches(&name) && selected(link));
        let visible = links.filter(|link| view.sees(&link.from.dataset) && view.sees(&link.to.dataset));
        let listed: Vec<Listed> = visible.map(|link| Listed::of(link, hits(&store, link))).collect();
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
    // The contract check accepts these two kinds only.
    let kind = MatchKind::parse(&kind).unwrap_or(MatchKind::ExactMatch);
    let matching = match fields.object("options") {
        None => kind.plain(),
        Some(mut options) => {
            let matching = matching(kind, &mut options);
            // Options of the other kind, and options that select columns, are ignored.
            fields.close(options);
            matching
        }
    };
    fields.finish()?;
    let link = Link { from, to, matching, state: LinkState::Active };
    let mut store = write(&call.state.store);
    may_write(call.view(&store), &link)?;
    let new = store.add_link(link)?;
    Ok(ApiResponse::empty().status(if new { StatusCode::CREATED } else { StatusCode::OK }))
}

/// Rejects a link that the caller may not write. A link from a column to itself is allowed.
pub(super) fn may_write(view: CallerView<'_>, link: &Link) -> Result<(), Problem> {
    view.check(&link.from.dataset, Right::Write)?;
    view.check(&link.to.dataset, Right::Read)
}

/// Reads one end of a link.
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

/// Returns the links that the rows in the body would get.
pub(super) fn preview<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let (rows, selection) = rows_and_kinds(call).await?;
        let (store, caller, name) = (call.state.snapshot(), call.caller.clone(), call.dataset_name());
        background(move || {
            store.find(&name)?;
            let found = compare_rows(CallerView::new(&store, &caller), &name, rows, &selection)?;
            Ok(ApiResponse::json(&Listed::found(&found)))
        })
        .await
    }
    .boxed()
}

/// Replaces the suggestions that start at a dataset by those discovered for the rows in the body, or for the dataset's
/// own rows if the body has none. Suggestions that the caller may not see are kept.
pub(super) fn rebuild<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let (rows, selection) = rows_and_kinds(call).await?;
        let (store, caller, name) = (call.state.snapshot(), call.caller.clone(), call.dataset_name());
        let found = background(move || {
            let own = store.find(&name)?;
            let view = CallerView::new(&store, &caller);
            let mut found = if rows.is_empty() {
                discover(view, Compared { name: &name, dataset: own, from: 0 }, &selection)?
            } else {
                compare_rows(view, &name, rows, &selection)?
            };
            // The rows in the body may have columns that the dataset does not have.
            found.retain(|found| own.has_column(found.link.column_in(&name)));
            Ok::<_, Problem>(found)
        })
        .await?;
        let answer = ApiResponse::json(&Listed::found(&found));
        let name = call.dataset_name();
        let mut store = write(&call.state.store);
        store.find(&name)?;
        let visible: BTreeSet<DatasetName> =
            call.view(&store).datasets().map(|(name, _)| name.clone()).collect();
        let is_replaced = |link: &Link| {
            !link.is_active() && link.from.dataset == name && visible.contains(&link.to.dataset)
        };
        store.links_mut().retain(|link| !is_replaced(link));
        suggest(&mut store, found);
        Ok(answer)
    }
    .boxed()
}

/// Reads the rows and the kinds of links from the body. A large body is read in the background.
async fn rows_and_kinds(
    call: &OperationCall<'_>,
) -> Result<(Vec<InputRow<'static>>, LinkSelection), Problem> {
    let read = |body: &[u8]| {
        let mut fields = Fields::read(body)?;
        let rows = fields.required_rows("data").into_iter().map(InputRow::into_owned).collect();
        let selection = LinkSelection::parse(&mut fields).or_all();
        fields.finish()?;
        Ok((rows, selection))
    };
    if call.body.len() < LARGE {
        return read(&call.body);
    }
    let body = call.body.clone();
    background(move || read(&body)).await
}

/// Compares rows that belong to no dataset, as if the named dataset consisted of them.
fn compare_rows(
    view: CallerView<'_>,
    name: &DatasetName,
    rows: Vec<InputRow<'_>>,
    selection: &LinkSelection,
) -> Result<Vec<DiscoveredLink>, TooManyLinks> {
    let mut dataset = Dataset::default();
    dataset.append(rows);
    discover(view, Compared { name, dataset: &dataset, from: 0 }, selection)
}
