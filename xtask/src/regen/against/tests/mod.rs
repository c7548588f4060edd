mod every_kind;
mod loops;
mod outcome;
mod same_wire;
mod sample;

use serde_json::Value;

use super::{compare, difference::Difference, document::Document, read};

/// Returns the differences of two parsed files.
fn differences(ours: &Value, theirs: &Value) -> Vec<Difference> {
    let document = |name: &str, root: &Value| Document::new(name.to_owned(), root.clone()).unwrap();
    let (ours, theirs) = (document("ours", ours), document("theirs", theirs));
    compare::run(&read::contract(&ours).unwrap(), &read::contract(&theirs).unwrap()).differences
}

/// Returns the differences of two parsed files as they are printed.
fn lines(ours: &Value, theirs: &Value) -> Vec<String> {
    differences(ours, theirs).iter().map(ToString::to_string).collect()
}

/// Returns the message for a file that cannot be read.
fn error(root: Value) -> String {
    let document = Document::new("made.yaml".to_owned(), root).unwrap();
    match read::contract(&document) {
        Ok(_) => panic!("the file was read"),
        Err(error) => error,
    }
}
