//! Files that only change their name or their part.

use std::collections::HashMap;

use bytes::Bytes;

use super::folder::Step;
use super::plan::{Known, OnDisk};

/// Makes one rename of each removal of a file and replacement of another one with the same content. The content is
/// compared by its place in memory, as it is when one part of the state hands it over to another one.
///
/// `known`: the files as they are. A file is renamed only to a name that no file has, so that doing it twice is like
/// doing it once.
pub(super) fn renamed<'a>(steps: Vec<Step>, known: impl Iterator<Item = &'a OnDisk> + Clone) -> Vec<Step> {
    let mut removed: HashMap<(usize, usize), &str> = HashMap::new();
    for step in &steps {
        let Step::Remove { path } = step else { continue };
        let content = known.clone().find_map(|files| files.get(path));
        if let Some(Known::Whole(content)) = content
            && !content.is_empty()
        {
            removed.insert(place(content), path);
        }
    }
    if removed.is_empty() {
        return steps;
    }
    let mut from_to: HashMap<String, String> = HashMap::new();
    for step in &steps {
        let Step::Replace { path, content } = step else { continue };
        let is_new = known.clone().all(|files| !files.contains_key(path));
        if let Some(from) = removed.remove(&place(content)).filter(|_| is_new) {
            from_to.insert(from.to_owned(), path.clone());
        }
    }
    let to: HashMap<&str, &str> = from_to.iter().map(|(from, to)| (to.as_str(), from.as_str())).collect();
    let renamed = steps.iter().filter_map(|step| match step {
        Step::Remove { path } if from_to.contains_key(path) => None,
        Step::Replace { path, .. } => Some(match to.get(path.as_str()) {
            Some(from) => Step::Rename { from: (*from).to_owned(), to: path.clone() },
            None => step.clone(),
        }),
        _ => Some(step.clone()),
    });
    renamed.collect()
}

/// Where a content is in memory.
fn place(content: &Bytes) -> (usize, usize) {
    (content.as_ptr() as usize, content.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_that_is_handed_over_is_renamed() {
        let (one, two) = (Bytes::from(vec![1; 9]), Bytes::from(vec![2; 9]));
        let known = OnDisk::from([
            ("old/1".to_owned(), Known::Whole(one.clone())),
            ("old/2".to_owned(), Known::Whole(two.clone())),
            ("taken".to_owned(), Known::Whole(Bytes::from(vec![3; 9]))),
        ]);
        let replace =
            |path: &str, content: &Bytes| Step::Replace { path: path.into(), content: content.clone() };
        let remove = |path: &str| Step::Remove { path: path.into() };
        let steps = vec![
            remove("old/1"),
            remove("old/2"),
            replace("new/1", &one),
            replace("taken", &two),
            replace("copy", &Bytes::from(vec![1; 9])),
        ];
        let expected = vec![
            remove("old/2"),
            Step::Rename { from: "old/1".into(), to: "new/1".into() },
            replace("taken", &two),
            replace("copy", &Bytes::from(vec![1; 9])),
        ];
        assert_eq!(renamed(steps, [&known].into_iter()), expected);
    }
}
