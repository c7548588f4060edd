//! Texts with a meaning: rows, queries, files.

use fastrand::Rng;

use super::extreme::{self, Extreme, log_uniform, one, word};
use super::json::Json;
use super::known::{COLUMNS, DATASETS, NAMESPACES};

/// Returns a value of a row.
pub(super) fn cell(rng: &mut Rng) -> Json {
    match rng.u8(..10) {
        0 => Json::Raw(rng.i32(..).to_string()),
        1 => Json::Raw(format!("{:.3}", rng.f64() * 100.0)),
        2 => Json::Raw("null".to_owned()),
        3 => Json::Raw(rng.bool().to_string()),
        4 => Json::Array((0..rng.usize(..4)).map(|_| Json::text(word(rng, &["a", "b"]))).collect()),
        5 => Json::Object(vec![
            ("lat".to_owned(), Json::Raw("48.1".to_owned())),
            ("lon".to_owned(), Json::Raw("11.6".to_owned())),
        ]),
        6 => Json::text("48.1, 11.6"),
        7 => Json::text("genus: Fagus, height: 20"),
        _ => Json::text(word(rng, &["Quercus", "Fagus", "Acer", "An oak, 21 m", "1", ""])),
    }
}

/// Returns a row for the datasets of the setup.
pub(super) fn row(rng: &mut Rng) -> Json {
    let columns = rng.usize(1..=COLUMNS.len());
    Json::Object(COLUMNS[..columns].iter().map(|column| ((*column).to_owned(), cell(rng))).collect())
}

/// Returns a valid query.
pub(super) fn query(rng: &mut Rng) -> String {
    let dataset = dataset(rng);
    let column = word(rng, &COLUMNS);
    match rng.u8(..8) {
        0 => format!("Ontology({dataset})"),
        1 => format!("Ontology({dataset}).filter({column} > 1 && genus != \"Acer\")"),
        2 => format!("Ontology({dataset}).filter(({column}<20||genus=='Fagus')).limit(2)"),
        3 => format!("Ontology({dataset}).searchAround().find('{}').get()", self::dataset(rng)),
        4 => format!("Ontology({dataset}).sort({column}, DESC).limit(1)"),
        5 => format!("Ontology({dataset}).searchAround(2).find(\"{}\").follow(genus)", self::dataset(rng)),
        6 => format!("Ontology({dataset}).filter().column({column} == 1)"),
        _ => format!("OntologyObject(\"{dataset}\").sortAscending({column}).sortDescending(id)"),
    }
}

fn dataset(rng: &mut Rng) -> String {
    let dataset = word(rng, &DATASETS);
    if rng.bool() { dataset.to_owned() } else { format!("{}/{dataset}", word(rng, &NAMESPACES)) }
}

/// Returns a query with many calls, conditions, parentheses or digits.
pub(super) fn extreme_query(rng: &mut Rng) -> String {
    let dataset = dataset(rng);
    let times = log_uniform(rng, 10, 20_000);
    let hop = format!(".searchAround().find({dataset})");
    let number = extreme::number(rng);
    match rng.u8(..12) {
        0 => format!("Ontology({dataset}){}", hop.repeat(times.min(40_000 / hop.len() * 20))),
        1 => format!("Ontology({dataset}).filter({}id == 1{})", "(".repeat(times), ")".repeat(times)),
        2 => format!("Ontology({dataset}).filter({}id == 1)", "id == 2 || ".repeat(times)),
        3 => format!("Ontology({dataset}).filter({}id == 1)", "height > 1 && ".repeat(times)),
        4 => format!("Ontology({dataset}){}", ".sort(id, DESC)".repeat(times)),
        5 => format!("Ontology({dataset}){}", ".filter(id == 1)".repeat(times)),
        6 => format!("Ontology({dataset}).limit({number})"),
        7 => format!("Ontology({dataset}).filter(height > {number})"),
        8 => format!("Ontology({dataset}).searchAround({number}).find({dataset})"),
        9 => {
            format!("Ontology({dataset}).filter(id == \"{}\")", extreme::long(rng, 300_000).replace('"', "x"))
        }
        10 => format!("{}Ontology({dataset}).nothing()", " ".repeat(times * 4)),
        _ => format!("Ontology({}).filter({} == 1)", extreme::controls(rng), extreme::controls(rng)),
    }
}

/// Returns the extension and the content of a file, valid or at a limit of its format.
pub(super) fn file(rng: &mut Rng) -> (&'static str, Vec<u8>) {
    let rows = log_uniform(rng, 1, 2_000);
    match rng.u8(..12) {
        0 => ("csv", format!("id,genus\n{}", "1,Acer\n".repeat(rows)).into_bytes()),
        1 => {
            let columns = log_uniform(rng, 10, 20_000);
            let header: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
            ("csv", format!("{}\n{}\n", header.join(","), ",".repeat(columns - 1)).into_bytes())
        }
        2 => ("csv", format!("id,genus\n1,\"{}", "x\n".repeat(rows)).into_bytes()),
        3 => ("csv", format!("{0},{0}\n1,2\n", extreme::long(rng, 100_000)).into_bytes()),
        4 => ("csv", vec![0; rows]),
        5 => ("csv", format!(",,\n{}", ",,\n".repeat(rows)).into_bytes()),
        6 => ("json", Json::Array((0..rows).map(|_| row(rng)).collect()).written().into_bytes()),
        7 | 8 => {
            let mut tree = Json::Array((0..rows.min(20)).map(|_| row(rng)).collect());
            put_any(&mut tree, rng);
            ("json", tree.written().into_bytes())
        }
        9 => {
            let lines: Vec<String> = (0..rows).map(|_| row(rng).written()).collect();
            ("ndjson", lines.join("\n").into_bytes())
        }
        10 => {
            let mut tree = row(rng);
            put_any(&mut tree, rng);
            ("jsonl", format!("{{\"id\":1}}\n{}\r\n\n", tree.written()).into_bytes())
        }
        _ => {
            let mut body = Json::Array((0..rows).map(|_| row(rng)).collect()).written().into_bytes();
            extreme::broken(&mut body, rng);
            ("json", body)
        }
    }
}

/// Inserts an extreme value of any kind into a tree.
pub(super) fn put_any(tree: &mut Json, rng: &mut Rng) -> Option<Extreme> {
    let extreme = one(rng, &extreme::IN_BODIES).copied()?;
    extreme::put(extreme, tree, rng);
    Some(extreme)
}
