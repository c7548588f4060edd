//! Estimates and budgets of ingestions against the emulator, with and without a model server.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::time::Duration;

use datalinks::{
    DataLinks, Dataset, ErrorKind, InferenceStep,
    ingest::{Budget, BudgetState, Ingest, Measurement, NotMeasurable, SampledFrom},
    spending::Amount,
};
use datalinks_emulator::Emulator;
use httpmock::{Method::POST, MockServer};
use serde_json::{Value, json};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const ROWS: usize = 40;

fn rows() -> Vec<Value> {
    // Rows of different lengths cost different numbers of tokens.
    (0..ROWS).map(|n| json!({ "text": format!("Genus: Acer {}", "maple ".repeat(n % 7)) })).collect()
}

async fn trees(emulator: &Emulator) -> Result<(DataLinks, Dataset)> {
    let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    let dataset = client.dataset("plants", "trees")?;
    dataset.create().await?;
    Ok((client, dataset))
}

fn table(dataset: &Dataset) -> Ingest<Value> {
    dataset.ingest(rows()).steps([InferenceStep::table("text")])
}

/// A model server whose every reply is one row and costs ten tokens.
async fn model() -> MockServer {
    let server = MockServer::start_async().await;
    let completion = json!({
        "choices": [{ "message": { "role": "assistant", "content": r#"[{"genus":"Acer"}]"# } }],
        "usage": { "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10 },
    });
    server
        .mock_async(|when, then| {
            when.method(POST).path("/v1/chat/completions");
            then.status(200).json_body(completion);
        })
        .await;
    server
}

#[tokio::test]
async fn estimate_contains_the_cost_of_the_run() -> Result {
    let emulator = Emulator::start().await?;
    let (client, dataset) = trees(&emulator).await?;
    let estimate = table(&dataset).batch_size(10).estimate(30).usage_delay(Duration::ZERO).await?;
    assert_eq!((estimate.rows, estimate.batches), (Some(ROWS), Some(4)));
    assert_eq!((estimate.sampled_rows, estimate.previews), (30, 10));
    assert_eq!(estimate.sampled_from, SampledFrom::AllRows);
    assert_eq!(dataset.info().await?.metadata.row_count, 0, "nothing is stored");
    let meter = client.usage_meter().await?;
    table(&dataset).batch_size(10).await?.into_result()?;
    let spent = meter.spent().await?;
    for (measurement, actual) in
        [(&estimate.tokens, spent.tokens as f64), (&estimate.cost, spent.cost.as_f64())]
    {
        let Measurement::Measured(cost) = measurement else { panic!("{measurement:?}") };
        let total = cost.total.unwrap();
        let (low, high) = (total.low.unwrap(), total.high.unwrap());
        assert!(low <= actual && actual <= high, "{actual} {total:?}");
        assert!(high < 1.5 * low, "{total:?}");
    }
    Ok(())
}

#[tokio::test]
async fn estimate_of_a_stream_knows_its_rows_if_it_reads_all() -> Result {
    let emulator = Emulator::start().await?;
    let (_client, dataset) = trees(&emulator).await?;
    let of = || dataset.ingest_stream(futures::stream::iter(rows())).steps([InferenceStep::table("text")]);
    let first = of().estimate(6).usage_delay(Duration::ZERO).await?;
    assert_eq!((first.rows, first.sampled_from, first.previews), (None, SampledFrom::FirstRows, 6));
    let Measurement::Measured(cost) = first.tokens else { panic!("{first}") };
    assert_eq!(cost.total, None);
    let whole = of().estimate(6).read_all().usage_delay(Duration::ZERO).await?;
    assert_eq!((whole.rows, whole.sampled_from), (Some(ROWS), SampledFrom::AllRows));
    Ok(())
}

#[tokio::test]
async fn cost_that_cannot_be_measured_has_a_reason_and_no_number() -> Result {
    let emulator = Emulator::start().await?;
    let (_client, dataset) = trees(&emulator).await?;
    let reason = |estimate: datalinks::ingest::Estimate| {
        assert_eq!(estimate.tokens, estimate.cost);
        let Measurement::NotMeasurable(reason) = estimate.cost else { panic!("{estimate}") };
        assert!(estimate.to_string().contains(&format!("not measurable: {reason}")), "{estimate}");
        reason
    };
    let delay = Duration::ZERO;
    assert_eq!(reason(dataset.ingest(rows()).estimate(5).usage_delay(delay).await?), NotMeasurable::NoSteps);
    let none: [Value; 0] = [];
    assert_eq!(reason(dataset.ingest(none).estimate(5).usage_delay(delay).await?), NotMeasurable::NoRows);
    // The emulator computes this step without a model.
    let computed = dataset.ingest(rows()).steps([InferenceStep::rows("text")]);
    assert_eq!(reason(computed.estimate(5).usage_delay(delay).await?), NotMeasurable::NotReported);
    let error = table(&dataset).estimate(0).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[tokio::test]
async fn budget_ends_a_run_that_a_journal_continues() -> Result {
    let model = model().await;
    let emulator = Emulator::builder().model_url(format!("{}/v1", model.base_url())).start().await?;
    let (client, dataset) = trees(&emulator).await?;
    let estimate = table(&dataset).estimate(5).usage_delay(Duration::ZERO).await?;
    let Measurement::Measured(tokens) = estimate.tokens else { panic!("{estimate}") };
    assert_eq!((tokens.per_row.estimate, tokens.total.unwrap().estimate), (10.0, 400.0));
    assert_eq!(estimate.reported.tokens, 50);

    let directory = tempfile::tempdir()?;
    let journal = directory.path().join("trees.journal");
    let meter = client.usage_meter().await?;
    let run = |budget: Budget| {
        table(&dataset).batch_size(1).journal(&journal).budget(budget.usage_delay(Duration::ZERO))
    };
    let result = run(Budget::tokens(200)).await?;
    let report = result.budget.unwrap();
    assert_eq!(report.state, BudgetState::Reached);
    let spent = meter.spent().await?.tokens;
    assert_eq!((report.reported, report.unreported_requests), (Amount::Tokens(spent), 0));
    // A row is at most a third larger than the mean, so one row more would have been too much.
    assert!((180..=200).contains(&spent), "{spent}");
    assert_eq!(result.counts.stored as u64, spent / 10);
    assert_eq!(result.stopped.unwrap().kind(), ErrorKind::Budget);

    let rest = run("1USD".parse()?).await?;
    assert_eq!((rest.counts.skipped as u64, rest.counts.stored), (spent / 10, ROWS));
    assert_eq!(rest.budget.unwrap().state, BudgetState::Within);
    assert_eq!(meter.spent().await?.tokens, 10 * ROWS as u64);
    Ok(())
}

#[tokio::test]
async fn budget_of_a_run_that_costs_nothing_stops_it() -> Result {
    let emulator = Emulator::start().await?;
    let (_client, dataset) = trees(&emulator).await?;
    let budget = Budget::tokens(1_000).usage_delay(Duration::ZERO);
    let result = dataset.ingest(rows()).batch_size(10).budget(budget).await?;
    assert_eq!((result.counts.stored, result.counts.requests), (10, 1));
    assert_eq!(result.budget.unwrap().state, BudgetState::NotReported);
    Ok(())
}
