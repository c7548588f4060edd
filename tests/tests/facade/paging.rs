//! Pages of ingestions. The time of a cursor is inclusive, so pages repeat the end of the previous page.

use std::time::Duration;

use datalinks::{Dataset, Error, ErrorKind, uploads::WaitOutcome};
use datalinks_tests::{
    recordings::pairs,
    server::{Reply, Server},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients;

/// Returns a page with these ingestions, of the given maximum size.
fn sized(size: i64, ids: &[u128], next: Option<&str>) -> Reply {
    let item = |id: &u128| json!({ "id": Uuid::from_u128(*id), "status": "done", "expectedTotalBytes": 1 });
    page_of(size, ids.iter().map(item).collect(), next)
}

fn page(ids: &[u128], next: Option<&str>) -> Reply {
    sized(25, ids, next)
}

fn page_of(size: i64, items: Vec<Value>, next: Option<&str>) -> Reply {
    let mut metadata = json!({ "pageSize": size });
    if let Some(next) = next {
        metadata["beforeCreatedAt"] = next.into();
    }
    Reply::json(200, json!({ "data": items, "metadata": metadata }))
}

fn trees(server: &Server) -> Dataset {
    clients(server, "k").dl.dataset("plants", "trees").unwrap()
}

/// Returns the ids, and the error at the end, if there is one.
async fn ids(trees: &Dataset) -> (Vec<u128>, Option<Error>) {
    let (mut found, mut items) = (Vec::new(), trees.ingestions().stream());
    while let Some(item) = items.next().await {
        match item {
            Ok(item) => found.push(item.id.as_u128()),
            Err(error) => {
                assert!(items.next().await.is_none(), "the stream ends after an error");
                return (found, Some(error));
            }
        }
    }
    (found, None)
}

/// Returns the ids from a server with these pages, all of which must be requested.
async fn listed(pages: impl IntoIterator<Item = Reply>) -> (Vec<u128>, Option<Error>) {
    let server = Server::start().await;
    server.expect(pages);
    let listed = ids(&trees(&server)).await;
    server.seen();
    listed
}

const NOON: &str = "2026-01-31T12:00:00Z";
const TEN: &str = "2026-01-31T10:00:00Z";
const NINE: &str = "2026-01-31T09:00:00Z";

#[tokio::test]
async fn repeated_ingestions_are_yielded_once() {
    let (found, error) =
        listed([page(&[9, 8], Some(NOON)), page(&[8, 7], Some(TEN)), page(&[7, 6], None)]).await;
    assert_eq!((found, error.is_none()), (vec![9, 8, 7, 6], true));
}

#[tokio::test]
async fn ingestions_of_the_same_time_are_all_listed() {
    // The cursor does not change, and each page has a new item.
    let pages = [page(&[9, 8], Some(NOON)), page(&[8, 7], Some(NOON)), page(&[9, 7, 6], Some(NOON))];
    let (found, error) = listed(pages.into_iter().chain([page(&[6, 5], None)])).await;
    assert_eq!((found, error.is_none()), (vec![9, 8, 7, 6, 5], true));
}

#[tokio::test]
async fn page_of_repeats_does_not_end_the_listing_while_the_cursor_advances() {
    let pages =
        [page(&[9, 8], Some(NOON)), page(&[9, 8], Some(TEN)), page(&[], Some(NINE)), page(&[7], None)];
    let (found, error) = listed(pages).await;
    assert_eq!((found, error.is_none()), (vec![9, 8, 7], true));
}

#[tokio::test]
async fn repeated_cursor_without_a_new_ingestion_is_an_error() {
    for pages in [
        vec![page(&[9], Some(NOON)), page(&[9], Some(NOON))],
        vec![page(&[9], Some(NOON)), page(&[], Some(NOON))],
        vec![page(&[9], Some(NOON)), page(&[8], Some(NOON)), page(&[9, 8], Some(NOON))],
    ] {
        let (found, error) = listed(pages).await;
        assert!(!found.is_empty());
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.to_string().contains("never end"), "{error}");
    }
    // A cycle of several cursors is an error, too.
    let server = Server::start().await;
    let circle = || [page(&[9], Some(NOON)), page(&[8], Some(TEN)), page(&[7], Some(NINE))];
    server.expect(circle().into_iter().chain(circle()));
    server.always(page(&[9], Some(NOON)));
    let (found, error) = ids(&trees(&server)).await;
    assert_eq!((found, error.unwrap().kind()), (vec![9, 8, 7], ErrorKind::UnexpectedResponse));
}

/// A cycle of cursors is found page by page, too, although each page has ingestions that the previous page
/// lacks.
///
/// Regression 27.
#[tokio::test]
async fn cycle_of_cursors_ends_a_listing_page_by_page() {
    for (tail, circle) in [(0, 2), (0, 3), (2, 3), (1, 5)] {
        let server = Server::start().await;
        let trees = trees(&server);
        let (mut list, mut pages) = (trees.ingestions(), 0);
        let error = loop {
            let place = if pages < tail { pages } else { tail + (pages - tail) % circle };
            server.expect([page(&[place as u128 + 1], Some(&format!("2026-01-31T12:00:{place:02}Z")))]);
            pages += 1;
            assert!(pages <= 4 * (tail + circle) + 4, "{tail} {circle}");
            match list.await {
                Ok(page) => list = trees.ingestions().after(&page).unwrap(),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{tail} {circle}: {error}");
        server.seen();
    }
}

#[tokio::test]
async fn ids_of_repeats_are_compared_as_uuids() {
    let id = Uuid::from_u128(0xabcd_ef00);
    let item = |id: String| json!({ "id": id, "status": "done", "expectedTotalBytes": 1 });
    let texts = [id.to_string(), id.to_string().to_uppercase(), format!("{{{id}}}"), id.simple().to_string()];
    let moments = [Some(NOON), Some(TEN), Some(NINE), None];
    let pages = texts.into_iter().zip(moments).map(|(text, next)| page_of(25, vec![item(text)], next));
    let (found, error) = listed(pages).await;
    assert_eq!((found, error.is_none()), (vec![id.as_u128()], true));
}

#[tokio::test]
async fn larger_page_is_requested_if_one_time_fills_a_page() {
    let server = Server::start().await;
    server.expect([
        sized(1, &[9], Some(NOON)),
        sized(1, &[9], Some(NOON)),
        sized(2, &[9, 8], Some(NOON)),
        sized(2, &[9, 8], Some(NOON)),
        sized(4, &[9, 8, 7, 6], Some(TEN)),
        sized(4, &[6, 5], None),
    ]);
    let all = trees(&server).ingestions().page_size(1).stream().collect().await.unwrap();
    assert_eq!(all.iter().map(|own| own.id.as_u128()).collect::<Vec<_>>(), [9, 8, 7, 6, 5]);
    assert_eq!(sizes(&server), ["1", "1", "2", "2", "4", "4"]);

    // The maximum of the service. If unset, the page size in the response is the service's own.
    let server = Server::start().await;
    let ids: Vec<u128> = (0..100).collect();
    let moment = |size: i64| sized(size, &ids[..size as usize], Some(NOON));
    server.expect([moment(25), moment(25), moment(50), moment(50), moment(100), moment(100)]);
    let (mut found, mut items) = (0, trees(&server).ingestions().stream());
    let error = loop {
        match items.next().await.unwrap() {
            Ok(_) => found += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((found, error.kind()), (100, ErrorKind::UnexpectedResponse));
    assert_eq!(sizes(&server), ["", "", "50", "50", "100", "100"]);
}

/// Returns the requested page sizes.
fn sizes(server: &Server) -> Vec<String> {
    let size = |target: &str| {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        pairs(query)
            .into_iter()
            .find(|(name, _)| name == "pageSize")
            .map(|(_, size)| size)
            .unwrap_or_default()
    };
    server.seen().iter().map(|seen| size(&seen.target)).collect()
}

#[tokio::test]
async fn pages_omit_items_of_the_previous_page() {
    let server = Server::start().await;
    let trees = trees(&server);
    let of = |page: &datalinks::uploads::IngestionPage| {
        page.ingestions.iter().map(|own| own.id.as_u128()).collect::<Vec<_>>()
    };
    server.expect([
        page(&[9, 8], Some(NOON)),
        page(&[8, 7], Some(NOON)),
        page(&[8, 7, 6], Some(TEN)),
        page(&[6, 5], None),
    ]);
    let first = trees.ingestions().await.unwrap();
    let second = trees.ingestions().after(&first).unwrap().await.unwrap();
    let third = trees.ingestions().after(&second).unwrap().await.unwrap();
    let rest = trees.ingestions().after(&third).unwrap().stream().collect().await.unwrap();
    assert_eq!((of(&first), of(&second), of(&third)), (vec![9, 8], vec![7], vec![6]));
    assert_eq!(rest.iter().map(|own| own.id.as_u128()).collect::<Vec<_>>(), [5]);
    let seen = server.seen();
    assert!(seen[2].target.contains("beforeCreatedAt=2026-01-31T12"), "{}", seen[2].target);

    // A page that is requested by its cursor alone is returned as received.
    server.expect([page(&[8, 7], None)]);
    let raw = trees.ingestions().cursor(NOON).await.unwrap();
    assert_eq!(of(&raw), [8, 7]);
    assert!(trees.ingestions().after(&raw).is_none());

    // No new item at the same time: a larger page, and then an error if it has no new item either.
    server.expect([
        sized(2, &[9, 8], Some(NOON)),
        sized(2, &[9, 8], Some(NOON)),
        sized(4, &[9, 8], Some(NOON)),
    ]);
    let first = trees.ingestions().page_size(2).await.unwrap();
    let error = trees.ingestions().page_size(2).after(&first).unwrap().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(server.seen().len(), 3 + 1);
}

#[tokio::test]
async fn unchanged_cursor_of_a_page_is_an_error_whatever_its_items() {
    let server = Server::start().await;
    let trees = trees(&server);
    let odd = |size: usize| vec![json!(7); size];
    for pages in [
        vec![page(&[], Some(NOON))],
        vec![page_of(25, odd(3), Some(NOON))],
        // A larger page may contain more than invalid items.
        vec![page_of(50, odd(50), Some(NOON)), page_of(100, odd(100), Some(NOON))],
        vec![page(&[9], Some(NOON))],
    ] {
        server.expect([page(&[9], Some(NOON))].into_iter().chain(pages));
        let first = trees.ingestions().page_size(50).await.unwrap();
        let error = trees.ingestions().page_size(50).after(&first).unwrap().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.to_string().contains("never end"), "{error}");
        server.seen();
    }
    // Requested by its cursor alone, too.
    server.expect([page(&[], Some(NOON))]);
    let error = trees.ingestions().cursor(NOON).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    server.seen();
}

#[tokio::test]
async fn pages_without_a_new_ingestion_are_bounded() {
    let server = Server::start().await;
    let trees = trees(&server);
    let moment = |at: usize| format!("2026-01-31T12:00:00.{at:03}Z");
    // Known ingestions repeat after empty pages.
    server.expect((0..101).map(|at| page(if at % 50 == 0 { &[9] } else { &[] }, Some(&moment(at)))));
    let mut last = trees.ingestions().await.unwrap();
    let mut pages = 1;
    let error = loop {
        match trees.ingestions().after(&last).unwrap().await {
            Ok(next) => last = next,
            Err(error) => break error,
        }
        assert!(last.ingestions.is_empty());
        pages += 1;
    };
    assert_eq!((pages, error.kind()), (100, ErrorKind::UnexpectedResponse));
    assert!(error.to_string().contains("100 consecutive pages"), "{error}");
    assert_eq!(server.seen().len(), 101);
}

#[tokio::test]
async fn unchanged_usage_cursor_is_an_error() {
    let server = Server::start().await;
    let dl = clients(&server, "k").dl;
    let meta = json!({ "pageSize": 25, "pageCursor": { "lastObservationId": "o", "lastStartTime": "2025-02-03T04:05:06.000000Z" } });
    let item = json!({ "timestamp": "2025-02-03T04:05:06Z", "tokensUsed": 1, "costUSD": 0.5 });
    server.expect([
        Reply::json(200, json!({ "data": [item], "meta": meta })),
        Reply::json(200, json!({ "data": [], "meta": meta })),
    ]);
    let next = dl.usage().await.unwrap().next.unwrap();
    let error = dl.usage().cursor(next).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.to_string().contains("never end"), "{error}");
    server.seen();
}

#[tokio::test]
async fn wait_finds_an_ingestion_after_repeated_ones() {
    let server = Server::start().await;
    let all: Vec<u128> = (100..200).collect();
    server.expect([
        sized(100, &all, Some(NOON)),
        // The whole page again, and the cursor advances.
        sized(100, &all, Some(TEN)),
        sized(100, &[199, 7], None),
    ]);
    let waited = trees(&server).wait_for(Uuid::from_u128(7)).every(Duration::from_millis(100)).await.unwrap();
    assert!(matches!(&waited, WaitOutcome::Completed(own) if own.id == Uuid::from_u128(7)), "{waited:?}");
    server.seen();
}
