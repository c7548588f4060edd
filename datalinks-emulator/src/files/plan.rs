//! What is to be done so that the files of a part say what the part says.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;

use super::folder::Step;
use super::{Growing, Part, Sink};
use crate::work::count;

/// The files of a part as they are on disk.
pub(super) type OnDisk = BTreeMap<String, Known>;

/// What is known of a file on disk.
#[derive(Clone, Debug)]
pub(super) enum Known {
    Whole(Bytes),
    /// The content that had this stamp.
    Stamped(u64),
    Growing {
        identity: u64,
        lines: usize,
        bytes: u64,
    },
}

/// The steps that lead from the files as they are to those of the part, and the files then.
pub(super) fn plan(part: &dyn Part, known: &OnDisk) -> (Vec<Step>, OnDisk) {
    let mut plan = Plan::new(known, true);
    part.save(&mut plan);
    if plan.collides() {
        // Names went round in a circle, or something new has an old name. Seldom, so it may take its time.
        plan = Plan::new(known, false);
        part.save(&mut plan);
    }
    plan.finish()
}

struct Plan<'a> {
    known: &'a OnDisk,
    /// Whether files may be renamed, or are written anew under their other name.
    rename: bool,
    /// The known files that grow, once they are looked for by their identities.
    growing: OnceCell<HashMap<u64, (&'a String, &'a Known)>>,
    renamed: Vec<(String, String)>,
    steps: Vec<Step>,
    now: OnDisk,
}

impl<'a> Plan<'a> {
    fn new(known: &'a OnDisk, rename: bool) -> Self {
        let growing = OnceCell::new();
        Self { known, rename, growing, renamed: Vec::new(), steps: Vec::new(), now: OnDisk::new() }
    }

    /// Whether a file was to be renamed to or from a name that another file has or had. Doing that twice would
    /// not be like doing it once.
    fn collides(&self) -> bool {
        self.renamed.iter().any(|(from, to)| self.known.contains_key(to) || self.now.contains_key(from))
    }

    fn finish(self) -> (Vec<Step>, OnDisk) {
        let Self { known, renamed, steps, now, .. } = self;
        let moved: BTreeSet<&String> = renamed.iter().map(|(from, _)| from).collect();
        let gone = known.keys().filter(|path| !now.contains_key(*path) && !moved.contains(path));
        let removed: Vec<Step> = gone.map(|path| Step::Remove { path: path.clone() }).collect();
        let renamed = renamed.into_iter().map(|(from, to)| Step::Rename { from, to });
        (renamed.chain(steps).chain(removed).collect(), now)
    }

    /// The files that grow by their identities; of several, the first.
    fn growing(&self) -> &HashMap<u64, (&'a String, &'a Known)> {
        self.growing.get_or_init(|| {
            let mut growing = HashMap::new();
            for (path, known) in self.known {
                if let Known::Growing { identity, .. } = known {
                    growing.entry(*identity).or_insert((path, known));
                }
            }
            growing
        })
    }

    /// A file that has this content so far, under whatever name.
    fn find(&self, path: &str, content: &dyn Growing) -> Option<(&'a String, usize, u64)> {
        let fits = |(path, known): (&'a String, &'a Known)| match known {
            Known::Growing { identity, lines, bytes }
                if *identity == content.identity() && *lines <= content.lines() =>
            {
                Some((path, *lines, *bytes))
            }
            _ => None,
        };
        let same = self.known.get_key_value(path).and_then(fits);
        same.or_else(|| {
            let (path, known) = self.growing().get(&content.identity()).filter(|_| self.rename)?;
            fits((*path, *known))
        })
    }
}

impl Sink for Plan<'_> {
    fn file(&mut self, path: String, content: Bytes) {
        count(1);
        match self.known.get(&path) {
            Some(Known::Whole(old)) if same(old, &content) => {}
            Some(Known::Whole(old)) if path.ends_with(".ndjson") && content.starts_with(old) => {
                let (path, at) = (path.clone(), old.len());
                self.steps.push(Step::Append { path, at: at as u64, content: content.slice(at..) });
            }
            _ => self.steps.push(Step::Replace { path: path.clone(), content: content.clone() }),
        }
        self.now.insert(path, Known::Whole(content));
    }

    fn stamped(&mut self, path: String, stamp: u64, content: &dyn Fn() -> Bytes) {
        match self.known.get(&path) {
            Some(Known::Stamped(old)) if *old == stamp => {}
            known => {
                let content = content();
                if !matches!(known, Some(Known::Whole(old)) if same(old, &content)) {
                    self.steps.push(Step::Replace { path: path.clone(), content });
                }
            }
        }
        self.now.insert(path, Known::Stamped(stamp));
    }

    fn growing(&mut self, path: String, content: &dyn Growing) {
        let (identity, lines) = (content.identity(), content.lines());
        let mut text = Vec::new();
        let bytes = match self.find(&path, content) {
            Some((old, from, at)) => {
                if *old != path {
                    self.renamed.push((old.clone(), path.clone()));
                }
                if lines > from {
                    content.write(from, &mut text);
                }
                let bytes = at + text.len() as u64;
                if !text.is_empty() {
                    self.steps.push(Step::Append { path: path.clone(), at, content: text.into() });
                }
                bytes
            }
            None => {
                content.write(0, &mut text);
                let bytes = text.len() as u64;
                self.steps.push(Step::Replace { path: path.clone(), content: text.into() });
                bytes
            }
        };
        self.now.insert(path, Known::Growing { identity, lines, bytes });
    }
}

/// Contents that are shared need not be compared.
fn same(one: &Bytes, other: &Bytes) -> bool {
    one.len() == other.len() && (one.as_ptr() == other.as_ptr() || one == other)
}
