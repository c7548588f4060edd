//! The emulator's table of handlers.

use std::{collections::BTreeMap, path::Path};

use syn::{Expr, Item};

use super::{
    Place,
    low_level::{elements, text_of},
    source,
};

pub(super) const TABLE: &str = "datalinks-emulator/src/api/table.rs";
const DIRECTORY: &str = "datalinks-emulator/src/api";

/// The handlers by operation.
pub(super) struct Handlers(BTreeMap<String, Place>);

impl Handlers {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let table = source::read(root, &root.join(TABLE))?;
        let rows = table.file.items.iter().find_map(|item| match item {
            Item::Static(table) if table.ident == "HANDLERS" => Some(elements(&table.expr)),
            _ => None,
        });
        let rows = rows.ok_or_else(|| format!("{TABLE} has no static `HANDLERS`"))?;
        let sources = source::below(root, DIRECTORY)?;
        let mut found = BTreeMap::new();
        for row in rows {
            let Expr::Struct(row) = row else { continue };
            let Some(id) = text_of(row, "id") else { continue };
            let path = handler(row).ok_or_else(|| format!("{TABLE}: the handler of {id} is not a path"))?;
            let (module, function) =
                path.split_once("::").ok_or_else(|| format!("{TABLE}: {path} names no module"))?;
            let files = [format!("{DIRECTORY}/{module}.rs"), format!("{DIRECTORY}/{module}/mod.rs")];
            let source = sources.iter().find(|source| files.contains(&source.path));
            let source = source.ok_or_else(|| format!("{TABLE}: {path} has no file in {DIRECTORY}"))?;
            let line = source.functions().iter().find(|own| own.name == function).map(|own| own.line);
            let line = line.ok_or_else(|| format!("{}: {function} is not there", source.path))?;
            found.insert(id, Place { name: path, file: source.path.clone(), line: Some(line) });
        }
        Ok(Self(found))
    }

    pub(super) fn of(&self, operation: &str) -> Vec<Place> {
        self.0.get(operation).cloned().into_iter().collect()
    }
}

/// Returns `links::add` for `handler: Now(links::add)`.
fn handler(row: &syn::ExprStruct) -> Option<String> {
    row.fields.iter().find_map(|field| match (&field.member, &field.expr) {
        (syn::Member::Named(name), Expr::Call(call)) if name == "handler" => match call.args.first() {
            Some(Expr::Path(path)) => {
                let parts: Vec<String> =
                    path.path.segments.iter().map(|part| part.ident.to_string()).collect();
                Some(parts.join("::"))
            }
            _ => None,
        },
        _ => None,
    })
}
