//! Fields of request bodies that the façade never writes.
//!
//! The test makes all recorded calls with the façade, then the calls in [`MORE`], and compares the bodies that
//! the server received with the document.

use std::collections::{BTreeMap, BTreeSet};

use datalinks::{
    Error, InferenceStep, Model, SchemaDefinition,
    ask::CallerContext,
    datasets::{ExactMatch, GeoMatch, MatchTypes, Visibility},
    ingest::NormaliseMode,
    pipeline::PipelineSource,
    uploads::UploadedPart,
};
use datalinks_gen::Operation;
use datalinks_tests::{
    body_fields::{self, LeftOut},
    recordings,
    server::{Reply, Server},
};

use serde_json::{Value, json};

use crate::{calls::Clients, clients, replay::replay};

/// Fields without a setter. An entry covers the fields below it.
const NOT_WRITTEN: &[LeftOut] = &[];

/// Returns the operation of a request.
fn operation(method: &str, target: &str) -> &'static Operation {
    let path = target.split('?').next().unwrap();
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let fits = |operation: &&Operation| {
        let (parts, template) = (path.split('/'), operation.path.split('/'));
        operation.method == method
            && parts.clone().count() == template.clone().count()
            && parts.zip(template).all(|(part, wanted)| wanted.starts_with('{') || part == wanted)
    };
    // Literal segments take precedence over parameters.
    let names = |operation: &&&Operation| operation.path.matches('{').count();
    let operations: Vec<&Operation> = datalinks_gen::OPERATIONS.iter().filter(fits).collect();
    operations
        .iter()
        .min_by_key(names)
        .copied()
        .unwrap_or_else(|| panic!("{method} {target} is not an operation"))
}

/// Makes calls with setters that no recording uses. All get status 400, which does not affect this test.
async fn more(on: &Clients) -> Result<(), Error> {
    let (dl, proxy) = (&on.dl, &on.proxy);
    let namespace = dl.namespace("plants")?;
    let trees = namespace.dataset("trees")?;
    let row = || [json!({ "text": "An oak, 21 m" })];
    let model = || Model::named("m1").provider("openai");
    let schema = || SchemaDefinition::new().field("genus", "tree genus");
    let ask = || {
        let context = CallerContext::new().user_said("hello").agent_said("hi", "guide");
        let context = context.fact_from("today", "Monday", "calendar").fact("place", "park");
        let asked = namespace.ask("which trees are tall?").caller_context(context);
        asked.plan_model(model()).query_model(model()).answer_model(model())
    };
    drop(ask().await);
    drop(ask().autorag().await);

    let link = || {
        let exact = ExactMatch::new().min_distinct(0.5).min_variation(0.5).target_columns(["genus"]);
        let geo = GeoMatch::new().distance(1.0).unit("km").target_columns(["place"]);
        MatchTypes::exact(exact.bidirectional(true).ignore_private_columns(true))
            .and_geo(geo.bidirectional(true).ignore_private_columns(true))
    };
    let options = json!({
        "bidirectional": true, "ignorePrivateColumns": true, "minDistinct": 0.5, "minVariation": 0.5,
        "targetColumns": ["genus"],
    });
    let options = serde_json::from_value(options).unwrap();
    drop(dl.add_link(trees.column("genus"), trees.column("name")).match_options(options).await);
    let exact = ExactMatch::new().min_distinct(0.5);
    drop(dl.add_link(trees.column("genus"), trees.column("name")).exact(exact).await);
    let geo = GeoMatch::new().distance(1.0).unit("km");
    drop(dl.add_link(trees.column("place"), trees.column("place")).geo(geo).await);
    drop(trees.preview_links(row()).link(link()).await);
    drop(trees.rebuild_links(row()).link(link()).await);
    drop(namespace.curate_links().dataset("trees").model(model()).await);

    drop(trees.create().description("trees").schema(schema()).visibility(Visibility::Private).await);
    drop(trees.update_definition().field_definition("genus: tree genus").await);
    for answer in [
        dl.infer(row())
            .model(model())
            .current_description("trees")
            .current_schema(schema())
            .description()
            .await,
        dl.infer(row())
            .model(model())
            .current_schema(schema())
            .current_description("trees")
            .schema()
            .await
            .map(|_| String::new()),
    ] {
        answer.unwrap_err();
    }

    let steps = || {
        let table = InferenceStep::table("text").helper_prompt("one row each").replace_original_column(true);
        let normalise =
            InferenceStep::normalise(NormaliseMode::AllInOne).target_column("genus", "tree genus");
        [table, normalise.data_description("trees")]
    };
    let ingest = || {
        let ingest = trees.ingest(row()).steps(steps()).link(link()).curate(true).data_description("trees");
        ingest.schema(schema()).additional_instructions("metric")
    };
    drop(ingest().await);
    drop(ingest().preview::<Value>().await);
    let parts = [UploadedPart::new(1, "e1")];
    drop(trees.finish_upload("up1", "k1", parts).steps(steps()).link(link()).await);

    for source in [
        PipelineSource::url("https://example.com/a.csv"),
        PipelineSource::blob_url("https://example.com/b.csv"),
    ] {
        drop(proxy.run_pipeline("plants", source).stream().await);
    }
    Ok(())
}

#[tokio::test]
async fn every_body_field_is_written_or_listed_with_a_reason() {
    let server = Server::start().await;
    let clients = clients(&server, "test-key");
    let recordings = recordings::all();
    let exchanges = recordings.iter().flat_map(|recording| &recording.exchanges);
    let mut written: BTreeMap<String, BTreeSet<String>> =
        exchanges.map(|exchange| (exchange.operation_id.clone(), BTreeSet::new())).collect();
    let mut keep = |server: &Server| {
        for request in server.seen() {
            let Some(body) = &request.json else { continue };
            let operation = operation(&request.method, &request.target);
            written.entry(operation.id.to_owned()).or_default().extend(body_fields::present(body));
        }
    };
    for recording in &recordings {
        server.expect(recording.exchanges.iter().map(|exchange| Reply::recorded(&exchange.response)));
        replay(recording, &clients).await.unwrap_or_else(|error| panic!("{}: {error}", recording.id));
        keep(&server);
    }
    server.always(Reply::json(400, r#"{"error_code":"NO","message":"no"}"#));
    more(&clients).await.unwrap();
    keep(&server);
    let lines = body_fields::compare(&written, NOT_WRITTEN);
    assert!(
        lines.is_empty(),
        "the façade does not write these fields ({}):\n{}\nOpen the file of datalinks/src that has the method of the \
         operation, add a setter, and call it in `more` of tests/tests/facade/fields.rs or in a recording. If the façade \
         should not offer the field, add it with the reason to NOT_WRITTEN there.",
        lines.len(),
        lines.join("\n")
    );
}
