//! Renames of files that keep their content, also from one part to another.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;

use super::dir_writer::CommitStep;
use super::path::RelativePath;
use super::plan::{FileState, Manifest};

/// Replaces each pair of a removal and a replacement with the same content by one rename.
///
/// Contents are equal if they share memory, which is the case when one part of the state passes them to another one.
/// `known` are the files on disk. A file is renamed only to a name that no file has, so that the rename is idempotent.
pub(super) fn renamed<'a>(
    steps: Vec<CommitStep>,
    known: impl Iterator<Item = &'a Manifest> + Clone,
) -> Vec<CommitStep> {
    let mut removed: HashMap<(usize, usize), &str> = HashMap::new();
    for step in &steps {
        let CommitStep::Remove { path } = step else { continue };
        let content = known.clone().find_map(|files| files.get(path.as_str()));
        if let Some(FileState::Whole(content)) = content
            && !content.is_empty()
        {
            removed.insert(address(content), path.as_str());
        }
    }
    if removed.is_empty() {
        return steps;
    }
    let mut to: BTreeMap<RelativePath, RelativePath> = BTreeMap::new();
    let mut gone: HashSet<String> = HashSet::new();
    for step in &steps {
        let CommitStep::Replace { path, content } = step else { continue };
        let is_new = known.clone().all(|files| !files.contains_key(path.as_str()));
        if let Some(from) = removed.remove(&address(content)).filter(|_| is_new) {
            // The path was valid when the file was written.
            if let Ok(own) = RelativePath::new(from) {
                gone.insert(from.to_owned());
                to.insert(path.clone(), own);
            }
        }
    }
    let renamed = steps.into_iter().filter_map(|step| match step {
        CommitStep::Remove { path } if gone.contains(path.as_str()) => None,
        CommitStep::Replace { path, content } => Some(match to.remove(&path) {
            Some(from) => CommitStep::Rename { from, to: path },
            None => CommitStep::Replace { path, content },
        }),
        step => Some(step),
    });
    renamed.collect()
}

/// Returns the address and the length of a content.
fn address(content: &Bytes) -> (usize, usize) {
    (content.as_ptr() as usize, content.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> RelativePath {
        RelativePath::new(path).unwrap()
    }

    #[test]
    fn moved_content_becomes_rename() {
        let (one, two) = (Bytes::from(vec![1; 9]), Bytes::from(vec![2; 9]));
        let known = Manifest::from([
            ("old/1".to_owned(), FileState::Whole(one.clone())),
            ("old/2".to_owned(), FileState::Whole(two.clone())),
            ("taken".to_owned(), FileState::Whole(Bytes::from(vec![3; 9]))),
        ]);
        let replace =
            |own: &str, content: &Bytes| CommitStep::Replace { path: path(own), content: content.clone() };
        let remove = |own: &str| CommitStep::Remove { path: path(own) };
        let steps = vec![
            remove("old/1"),
            remove("old/2"),
            replace("new/1", &one),
            replace("taken", &two),
            replace("copy", &Bytes::from(vec![1; 9])),
        ];
        let expected = vec![
            remove("old/2"),
            CommitStep::Rename { from: path("old/1"), to: path("new/1") },
            replace("taken", &two),
            replace("copy", &Bytes::from(vec![1; 9])),
        ];
        assert_eq!(renamed(steps, [&known].into_iter()), expected);
    }
}
