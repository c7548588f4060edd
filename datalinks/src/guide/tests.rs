//! The form of the chapters, and the defaults that they name.

use std::{collections::BTreeMap, fs};

use crate::{
    client::{DataLinks, IngestProxy},
    pipeline::PipelineSource,
};

/// The chapters by name.
fn chapters() -> BTreeMap<String, String> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn chapters_open_with_the_task_and_end_with_further_chapters() {
    for (name, text) in chapters() {
        let task = text.lines().next().unwrap();
        assert!(task.ends_with('.') && !task.starts_with('#'), "{name}: {task}");
        // Lines inside a fence that begin with `#` are code.
        let prose = text.split("\n```").step_by(2);
        let headings: Vec<&str> = prose.flat_map(str::lines).filter(|line| line.starts_with("# ")).collect();
        assert_eq!(headings.last(), Some(&"# See also"), "{name}");
        // These two hold facts and no program.
        let has_program = !["comparison", "uncertainties"].contains(&&*name);
        assert_eq!(headings.first() == Some(&"# Cargo.toml"), has_program, "{name}: {headings:?}");
        let starts = ["Emulator::start()", ".start_blocking()"].iter().any(|start| text.contains(start));
        assert_eq!(starts, has_program, "{name}");
    }
}

#[test]
fn contents_list_every_chapter_once() {
    let module = include_str!("mod.rs");
    for name in chapters().keys() {
        assert_eq!(module.matches(&format!("| [`{name}`] |")).count(), 1, "{name}");
        assert_eq!(
            module.matches(&format!("include_str!(\"{name}.md\")]\npub mod {name} {{}}")).count(),
            1,
            "{name}"
        );
    }
}

/// The table of the chapter on comparison, held against the builders.
#[test]
fn documented_defaults() {
    let dl = DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
    let dataset = dl.dataset("cinema", "films").unwrap();
    let proxy = IngestProxy::builder("http://127.0.0.1:9", "k").username("ana").build().unwrap();
    let builders = [
        format!("{:?}", dataset.ingest([0])),
        format!("{:?}", dataset.upload("films.csv")),
        format!(
            "{:?}",
            proxy.run_pipeline("cinema", PipelineSource::rows([BTreeMap::from([("a", 1)])]).unwrap())
        ),
    ]
    .concat();
    let chapter = &chapters()["comparison"];
    for (documented, fields) in [
        ("batch_size) | 1,000 rows |", &["batch_size: 1000"][..]),
        ("max_batch_bytes) | 8 MiB |", &["max_batch_bytes: 8388608"]),
        ("Ingest::concurrency) | 1 |", &["concurrency: Concurrency { max: 1, auto: false }"]),
        ("delivery) | at least once |", &["delivery: AtLeastOnce"]),
        ("reconcile_window) | 30 s |", &["reconcile_window: 30s"]),
        ("max_batches_without_success) | 10 |", &["max_batches_without_success: 10,"]),
        ("max_isolation_requests) | 100 |", &["max_isolation_requests: 100,"]),
        ("attempts of parts of an upload | 4, 3 |", &["concurrency: 4,", "max_attempts_per_part: 3,"]),
        ("presigned URLs, for the forecast | 15 minutes |", &["url_lifetime: 900s"]),
        (
            "| all phases, 3, 20 and 10 |",
            &[
                "model: true, ingest: true, ontology: true",
                "max_eval_retries: 3,",
                "max_rows_for_modeling: 20,",
                "max_sample_rows: 10,",
            ],
        ),
    ] {
        assert!(chapter.contains(documented), "{documented}");
        for field in fields {
            assert!(builders.contains(field), "{field} in {builders}");
        }
    }
}

/// The chapter has the table of the module `blocking`, with the same code in each row.
#[test]
fn chapter_without_async_has_every_row_of_the_module() {
    let code = |text: &str, heading: &str| -> Vec<Vec<String>> {
        let rows =
            text.lines().map(|line| line.trim_start_matches("//! ")).skip_while(|line| *line != heading);
        let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
        rows.map(|row| row.split('`').skip(1).step_by(2).map(str::to_owned).collect()).collect()
    };
    let module = code(include_str!("../blocking/mod.rs"), "| async | blocking |");
    assert!(module.len() > 5, "{module:?}");
    assert_eq!(code(&chapters()["without_async"], "| Async | Blocking |"), module);
}

/// The id that rustdoc gives a heading.
fn id(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Rustdoc checks links to items, and not the part behind the `#`.
#[test]
fn links_to_sections_of_chapters_lead_to_a_heading() {
    let chapters = chapters();
    let mut checked = 0;
    for (name, text) in &chapters {
        for link in text.split("(crate::guide::").skip(1) {
            let (target, _) = link.split_once(')').unwrap();
            let Some((chapter, section)) = target.split_once('#') else { continue };
            let mut headings = chapters[chapter].lines().filter_map(|line| line.strip_prefix("# "));
            assert!(headings.any(|heading| id(heading) == section), "{name}: {target}");
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked}");
}
