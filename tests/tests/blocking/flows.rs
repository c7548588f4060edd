//! What a program does with the service, in threads without a runtime.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, mpsc},
    thread,
};

use datalinks::{
    AskEvent, ErrorKind, PipelineEvent,
    blocking::{self, Stop},
    datasets::CreateOutcome,
    field,
    pipeline::PipelineSource,
    uploads::{UploadProgress, WaitOutcome},
};
use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use super::{Film, client, emulator, films, proxy};

#[test]
fn rows_are_ingested_queried_and_linked() {
    let emulator = emulator();
    let dl = client(&emulator);
    let dataset = dl.dataset("cinema", "films").unwrap();
    assert_eq!(dataset.create().description("Films").run().unwrap(), CreateOutcome::Created);
    assert_eq!(dataset.namespace().client().current_user().unwrap().username, emulator.username());

    let result = dataset.ingest(films()).batch_size(2).run().unwrap();
    assert!(result.is_complete());
    let recent: Vec<Film> = dataset.query().filter(field("year").ge(2012)).fetch().unwrap();
    assert_eq!(recent, films()[1..]);
    assert_eq!(dataset.query().answer::<Film>().unwrap().rows.len(), 3);

    let people = dl.dataset("cinema", "people").unwrap();
    people.create().run().unwrap();
    let rows = ["Ridley Scott", "Sam Mendes"].map(|name| json!({ "name": name }));
    people.ingest(rows).run().unwrap().check().unwrap();
    dl.add_link(dataset.column("director"), people.column("name")).run().unwrap();
    assert_eq!(dataset.links().unwrap().len(), 1);
    let report = dl.explain_link(dataset.column("director"), people.column("name")).run().unwrap();
    assert_eq!(report.matching.distinct, 2, "{report:?}");

    let renamed = people.rename("directors").unwrap();
    assert_eq!((renamed.name(), renamed.info().unwrap().metadata.row_count), ("directors", 2));
    let error = people.info().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("getDatasetInformation")));
}

#[test]
fn batches_are_an_iterator_of_outcomes() {
    let emulator = emulator();
    let numbers = client(&emulator).dataset("numbers", "all").unwrap();
    numbers.create().run().unwrap();

    let rows = (0..250).map(|n| json!({ "n": n }));
    let mut batches = numbers.ingest_iter(rows).batch_size(100).batches().unwrap();
    let sizes: Vec<usize> = batches.by_ref().map(|batch| batch.unwrap().successful.len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!((batches.summary().counts.stored, batches.next().is_none()), (250, true));

    // A source without an end, which is stopped after the first batch.
    let mut batches =
        numbers.ingest_iter((250..).map(|n| json!({ "n": n }))).batch_size(10).batches().unwrap();
    assert_eq!(batches.next().unwrap().unwrap().successful.len(), 10);
    batches.stop();
    let summary = batches.finish().unwrap();
    assert_eq!(summary.stopped.unwrap().kind(), ErrorKind::Interrupted);
    assert_eq!(numbers.info().unwrap().metadata.row_count, 260);

    let rows = [Ok(json!({ "n": 0 })), Err(std::io::Error::other("the cursor is closed"))];
    let result = numbers.ingest_try_iter(rows).run().unwrap();
    assert_eq!(result.successful.len(), 1);
    assert_eq!(result.source_error.unwrap().kind(), ErrorKind::Source);

    let plan = numbers.ingest([json!({ "n": 1 })]).dry_run().unwrap().finish().unwrap();
    assert_eq!((plan.counts.stored, numbers.info().unwrap().metadata.row_count), (1, 261));
}

#[test]
fn files_are_ingested_as_iterators_with_a_journal() {
    let emulator = emulator();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("films.csv");
    std::fs::write(&file, "title,year\nAlien,1979\nParasite,2019\n").unwrap();
    let dataset = client(&emulator).dataset("cinema", "films").unwrap();
    dataset.create().run().unwrap();
    for skipped in [0, 2] {
        let rows = datalinks::read::file(&file).infer_types().rows();
        let ingest = dataset.ingest_try_iter(rows).journal(directory.path().join("films.journal"));
        let summary = ingest.batches().unwrap().finish().unwrap();
        assert_eq!((summary.counts.stored, summary.counts.skipped), (2, skipped));
    }
    assert_eq!(dataset.info().unwrap().metadata.row_count, 2);
}

#[test]
fn questions_are_answered_streamed_and_verified() {
    let emulator = emulator();
    let dl = client(&emulator);
    let dataset = dl.dataset("cinema", "films").unwrap();
    dataset.create().run().unwrap();
    dataset.ingest(films()).run().unwrap().check().unwrap();
    let cinema = dataset.namespace();

    let answer = cinema.ask("When was Alien released?").run().unwrap();
    assert!(answer.response.contains("1979"), "{}", answer.response);

    let mut events = cinema.ask("When was Alien released?").stream().unwrap();
    assert!(events.status().is_success());
    let mut names = BTreeSet::new();
    let mut last = None;
    for event in events.by_ref() {
        let event = event.unwrap();
        names.insert(event.name().to_owned());
        last = Some(event);
    }
    assert!(matches!(last, Some(AskEvent::Answer(_) | AskEvent::Terminal(_))), "{last:?} of {names:?}");
    assert!(events.next().is_none());

    let run = dl.run(events.run_id().unwrap()).unwrap();
    run.wait().unwrap();
    run.rate(true).comment("right").run().unwrap();
    let conversations = cinema.conversations().unwrap();
    assert_eq!(conversations.len(), 2);

    let answer = cinema.ask("When was Alien released?").autorag().unwrap();
    let verification = cinema.verify(answer).run().unwrap();
    assert!(verification.holds(), "{verification:?}");
}

#[test]
fn agents_answer_and_stream() {
    let emulator = emulator();
    let dl = client(&emulator);
    let dataset = dl.dataset("cinema", "films").unwrap();
    dataset.create().run().unwrap();
    dataset.ingest(films()).run().unwrap().check().unwrap();
    assert_eq!(dl.agents().unwrap().len(), 2);

    let agent = dl.agent("nl2ql").unwrap();
    assert!(!agent.card().unwrap().skills.is_empty());
    let answer = agent.ask("Which films are there?").namespace("cinema").run().unwrap();
    assert_eq!(answer.rows::<Value>().unwrap().len(), 3);

    let mut events = agent.ask("Which films are there?").namespace("cinema").stream().unwrap();
    let received: Vec<_> = events.by_ref().map(Result::unwrap).collect();
    assert!(received.len() > 1 && received.last().unwrap().is_final(), "{received:?}");
    let answer = agent.ask("Which films are there?").namespace("cinema").stream().unwrap().answer();
    assert_eq!(answer.unwrap().rows::<Value>().unwrap().len(), 3);
}

#[test]
fn pipeline_runs_are_followed_as_iterators() {
    let emulator = emulator();
    let proxy = proxy(&emulator);
    let source = PipelineSource::rows(films()).unwrap();
    let mut run = proxy.run_pipeline("cinema", source).stream().unwrap();
    let first = run.next().unwrap().unwrap();
    let (id, cursor) = (run.id().to_owned(), run.cursor());
    assert_eq!(cursor, 1, "{first:?}");
    drop(run);

    let rest: Vec<_> = proxy.follow(&id, cursor).unwrap().map(Result::unwrap).collect();
    assert!(matches!(rest.last(), Some(PipelineEvent::Complete(_))), "{rest:?}");
    let all = proxy.follow(&id, 0).unwrap().typed::<Value>().count();
    assert_eq!(all, rest.len() + 1);
    proxy.follow(&id, 0).unwrap().finish().unwrap();
    assert!(!proxy.follow(&id, 0).unwrap().trace().unwrap().is_empty());
}

#[test]
fn files_are_uploaded_and_their_ingestion_is_awaited() {
    let emulator = emulator();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("films.csv");
    std::fs::write(&file, "title,year\nAlien,1979\n").unwrap();
    let dl = client(&emulator);
    let dataset = dl.dataset("cinema", "films").unwrap();
    dataset.create().run().unwrap();

    let progress = Arc::<Mutex<u64>>::default();
    let seen = Arc::clone(&progress);
    let upload = dataset.upload(&file).on_progress(move |progress| *seen.lock().unwrap() = progress.sent);
    let uploaded = upload.run().unwrap();
    assert_eq!((uploaded.bytes, *progress.lock().unwrap()), (22, 22));
    let outcome = dataset.wait_for(uploaded.ingestion).run().unwrap();
    assert!(matches!(outcome, WaitOutcome::Completed(_)), "{outcome:?}");
    let states: Vec<_> = dataset.wait_for(uploaded.ingestion).stream().map(Result::unwrap).collect();
    assert_eq!(states.last().unwrap().id, uploaded.ingestion);
    assert_eq!(dataset.ingestions().stream().collect().unwrap().len(), 1);
    assert_eq!(dataset.info().unwrap().metadata.row_count, 1);

    let stop = Stop::new();
    stop.clone().stop();
    let error = dataset.upload(&file).stop_when(&stop).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    let session = dl.upload_files([&file]).stop_when(&Stop::new()).run().unwrap();
    assert_eq!(session.files.len(), 1);
    assert_eq!(dl.session(session.session).unwrap().files().unwrap().files.len(), 1);
}

/// The switch is used while the second of 100 parts is sent, on another thread than that of the call.
#[test]
fn stop_ends_an_upload_from_another_thread() {
    let emulator = Emulator::builder().part_size(64).start_blocking().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("films.csv");
    std::fs::write(&file, "title\n".repeat(1_000)).unwrap();
    let dataset = client(&emulator).dataset("cinema", "films").unwrap();
    dataset.create().run().unwrap();

    let stop = Stop::new();
    let (sent, receiver) = mpsc::channel();
    let (stopped, resume) = mpsc::channel();
    let of_handler = stop.clone();
    let handler = thread::spawn(move || {
        receiver.recv().unwrap();
        of_handler.stop();
        stopped.send(()).unwrap();
    });
    let resume = Mutex::new(resume);
    let observer = move |progress: &UploadProgress| {
        if progress.parts_stored == 1 && sent.send(()).is_ok() {
            // The handler has ended later on, and with it the channel.
            let _ = resume.lock().unwrap().recv();
        }
    };
    let error =
        dataset.upload(&file).concurrency(1).stop_when(&stop).on_progress(observer).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    handler.join().unwrap();
    assert_eq!(dataset.ingestions().stream().count(), 0);
}

#[test]
fn account_and_raw_requests() {
    let emulator = emulator();
    let dl = client(&emulator);
    let dataset = dl.dataset("cinema", "films").unwrap();
    let token = dl.create_token("ci").restrict_to(&dataset).run().unwrap();
    let limited = blocking::DataLinks::builder(emulator.api_url(), token.secret.expose()).build().unwrap();
    assert_eq!(limited.current_user().unwrap().username, emulator.username());
    assert!(dl.tokens().unwrap().iter().any(|token| token.name == "ci"));

    let days = dl.usage_by_day().run().unwrap();
    let items = dl.usage().stream().count();
    assert!(days.days.len() <= items);
    let calls = blocking::survey(&dl).unwrap();
    assert!(calls.iter().any(|call| call.operation == "getCurrentUser"), "{calls:?}");

    let mut response = dl.request(reqwest::Method::GET, "/user/me").run().unwrap();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().unwrap() {
        body.extend_from_slice(&chunk);
    }
    let user: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(user["username"], emulator.username());
}
