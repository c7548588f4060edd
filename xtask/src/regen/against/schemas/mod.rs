//! Schemas of one file, normalized one level at a time.
//!
//! One wire format can be declared in many ways. These are brought to one [`Shape`]:
//!
//! - a reference and an `allOf` are replaced by their content,
//! - null is a property of the schema, declared by `nullable`, by a list of types or by a choice of a union,
//! - `const` is an `enum` of one value, and an exclusive limit is a separate number,
//! - a union whose members differ by the value of one field becomes a table by that value,
//! - a union of other objects becomes one object with the fields of all of them,
//! - `oneOf` and `anyOf` are equivalent.

mod keywords;
mod shape;
mod union;

use std::{cell::RefCell, collections::HashMap, ptr, rc::Rc};

use serde_json::Value;

use super::references;
pub(in crate::regen) use keywords::ANNOTATIONS;
pub(in crate::regen) use shape::{BOUNDS, Kind, OtherFields, Shape};
pub(in crate::regen) use union::{Member, Union};

/// The schemas of one file.
pub(in crate::regen) struct Schemas<'a> {
    root: &'a Value,
    reference_has_siblings: bool,
    /// Shapes of nodes that are already normalized.
    known: RefCell<HashMap<*const Value, Rc<Shape<'a>>>>,
}

impl<'a> Schemas<'a> {
    pub(in crate::regen) fn new(root: &'a Value, reference_has_siblings: bool) -> Self {
        Self { root, reference_has_siblings, known: RefCell::default() }
    }

    /// Returns the normalized form of a schema. The depth of recursion is that of `allOf`, `oneOf` and `anyOf`,
    /// which reading the file limits.
    pub(in crate::regen) fn shape(&self, node: &'a Value) -> Rc<Shape<'a>> {
        if let Some(known) = self.known.borrow().get(&ptr::from_ref(node)) {
            return Rc::clone(known);
        }
        let shape = match self.target(node) {
            Some(target) if !self.has_siblings(node) => self.shape(target),
            target => Rc::new(self.composed(node, target)),
        };
        self.known.borrow_mut().insert(ptr::from_ref(node), Rc::clone(&shape));
        shape
    }

    /// Returns the node that declares a schema, at the end of its references.
    pub(in crate::regen) fn identity(&self, node: &'a Value) -> &'a Value {
        let mut node = node;
        // Reading the file has limited the length of the chain.
        while let Some(target) = self.target(node).filter(|_| !self.has_siblings(node)) {
            node = target;
        }
        node
    }

    /// Returns the name of a schema, or `None` if it is inline.
    pub(in crate::regen) fn name(&self, mut node: &'a Value) -> Option<&'a str> {
        loop {
            if let Some(target) = self.target(node) {
                if references::reference(target).is_none() {
                    return references::reference(node)?.rsplit('/').next();
                }
                node = target;
            } else {
                node = self.wrapped(node)?;
            }
        }
    }

    /// Returns the members of a union, or `None` if the schema is not a union.
    pub(in crate::regen) fn members(&self, node: &'a Value) -> Option<&'a [Value]> {
        union::members(references::follow(self.root, node).ok()?)
    }

    /// Returns the only schema inside an `allOf`, or beside null in a union.
    fn wrapped(&self, node: &'a Value) -> Option<&'a Value> {
        match node["allOf"].as_array().map(Vec::as_slice) {
            Some([only]) => Some(only),
            Some(_) => None,
            None => {
                let members = union::members(node)?;
                let mut others = members.iter().filter(|member| !union::is_null(member));
                let only = others.next()?;
                (members.len() == 2 && others.next().is_none()).then_some(only)
            }
        }
    }

    fn target(&self, node: &'a Value) -> Option<&'a Value> {
        references::target(self.root, references::reference(node)?)
    }

    fn has_siblings(&self, node: &Value) -> bool {
        self.reference_has_siblings && node.as_object().is_some_and(|fields| fields.len() > 1)
    }

    /// Merges the keywords of the node itself, which take precedence, with the schemas that it is composed of.
    fn composed(&self, node: &'a Value, target: Option<&'a Value>) -> Shape<'a> {
        let mut shape = keywords::read(node);
        if let Some(target) = target {
            shape.absorb(&self.shape(target));
        }
        for part in node["allOf"].as_array().into_iter().flatten() {
            shape.absorb(&self.shape(part));
        }
        if let Some(members) = union::members(node) {
            self.unite(&mut shape, node, members);
        }
        let is_object = !shape.properties.is_empty()
            || !shape.choices.is_empty()
            || !matches!(shape.other_fields, OtherFields::NotStated);
        if shape.kind.is_any() && is_object {
            shape.kind = Kind::One("object");
        }
        shape
    }
}
