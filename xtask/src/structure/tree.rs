//! The module tree of a crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use syn::{Item, Visibility};

use super::paths::{self, Reference};
use crate::regen::effect::source::{self, is_test};

/// All modules of a crate without its tests. The first one is the root.
pub(super) struct Tree {
    /// Paths below `src`, with `/` between the parts, in the order in which they are declared.
    pub(super) files: Vec<String>,
    pub(super) modules: Vec<Module>,
}

/// A module: a file, or a module written inside one.
pub(super) struct Module {
    /// Index in [`Tree::files`].
    pub(super) file: usize,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    /// Names of the items that it defines.
    pub(super) defines: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
    /// Paths in its code.
    pub(super) references: Vec<Reference>,
}

/// One name of a `use`.
pub(super) struct Import {
    /// The name that the module uses. `None` for a glob.
    pub(super) name: Option<String>,
    pub(super) path: Vec<String>,
    /// Other modules may import the name from here.
    pub(super) re_export: bool,
}

impl Tree {
    /// Reads the crate whose sources are in `folder`, below `root`.
    pub(super) fn read(root: &Path, folder: &str) -> Result<Self, String> {
        let source = root.join(folder);
        let mut tree = Self { files: Vec::new(), modules: Vec::new() };
        let roots = ["lib.rs", "main.rs"].map(|root| source.join(root));
        let root = roots.iter().find(|root| root.is_file()).unwrap_or(&roots[0]);
        tree.file(&source, root, None)?;
        Ok(tree)
    }

    /// Adds the module that a file is, and returns its index.
    fn file(&mut self, source: &Path, path: &Path, parent: Option<usize>) -> Result<usize, String> {
        let read = source::read(source, path)?;
        self.files.push(read.path);
        let file = self.files.len() - 1;
        let stem = path.file_stem().unwrap_or_default();
        let beside = path.parent().unwrap_or(source);
        let below = if stem == "mod" || parent.is_none() { beside.to_owned() } else { beside.join(stem) };
        self.module(source, file, &below, parent, &read.file.items)
    }

    fn module(
        &mut self,
        source: &Path,
        file: usize,
        below: &Path,
        parent: Option<usize>,
        items: &[Item],
    ) -> Result<usize, String> {
        let index = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            children: BTreeMap::new(),
            defines: BTreeSet::new(),
            imports: Vec::new(),
            references: Vec::new(),
        });
        for item in items.iter().filter(|item| !is_test(paths::attributes(item))) {
            match item {
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let child = match &module.content {
                        Some((_, inner)) => {
                            self.module(source, file, &below.join(&name), Some(index), inner)?
                        }
                        None => self.file(source, &file_of(below, &name)?, Some(index))?,
                    };
                    self.modules[index].children.insert(name, child);
                }
                Item::Use(import) => {
                    let re_export = !matches!(import.vis, Visibility::Inherited);
                    let names = paths::imports(&import.tree).into_iter();
                    let imports = names.map(|(name, path)| Import { name, path, re_export });
                    self.modules[index].imports.extend(imports);
                }
                item => {
                    let module = &mut self.modules[index];
                    module.defines.extend(paths::defined(item));
                    module.references.extend(paths::references(item));
                }
            }
        }
        Ok(index)
    }
}

/// The file of a module that is declared without a body.
fn file_of(below: &Path, name: &str) -> Result<PathBuf, String> {
    let name = name.trim_start_matches("r#");
    let candidates = [below.join(format!("{name}.rs")), below.join(name).join("mod.rs")];
    let found = candidates.into_iter().find(|path| path.is_file());
    found.ok_or_else(|| format!("{}: no file of the module {name}", below.display()))
}
