//! Types and signatures as Rust writes them.

use rustdoc_types::{
    AssocItemConstraintKind, Crate, Function, GenericArg, GenericArgs, GenericBound, GenericParamDef,
    GenericParamDefKind, Generics, Impl, Path, PreciseCapturingArg, Term, TraitBoundModifier, Type,
    WherePredicate,
};

/// Crates whose types everybody knows by name.
const STANDARD: &[&str] = &["alloc", "core", "std"];

pub(super) struct Writer<'a> {
    pub(super) of: &'a Crate,
}

impl Writer<'_> {
    pub(super) fn function(&self, of: &Function, path: &str) -> String {
        let header = &of.header;
        let words = [("const ", header.is_const), ("async ", header.is_async), ("unsafe ", header.is_unsafe)];
        let words: String = words.iter().filter(|(_, is_set)| *is_set).map(|(word, _)| *word).collect();
        let inputs = of.sig.inputs.iter().map(|(name, of)| match (name.as_str(), of) {
            ("self", Type::Generic(_)) => "self".to_owned(),
            ("self", Type::BorrowedRef { is_mutable: false, lifetime: None, type_ }) if is_self(type_) => {
                "&self".to_owned()
            }
            ("self", Type::BorrowedRef { is_mutable: true, lifetime: None, type_ }) if is_self(type_) => {
                "&mut self".to_owned()
            }
            _ => format!("{name}: {}", self.of_type(of)),
        });
        let inputs: Vec<String> = inputs.collect();
        let output = of.sig.output.as_ref().map(|of| format!(" -> {}", self.of_type(of))).unwrap_or_default();
        let (parameters, conditions) = self.parameters_and_conditions(&of.generics);
        format!("{words}fn {path}{parameters}({}){output}{conditions}", inputs.join(", "))
    }

    pub(super) fn generics(&self, generics: &Generics) -> String {
        let (parameters, conditions) = self.parameters_and_conditions(generics);
        format!("{parameters}{conditions}")
    }

    /// Returns a line for an implementation of a trait.
    pub(super) fn implementation(&self, of: &Impl) -> String {
        let (parameters, conditions) = self.parameters_and_conditions(&of.generics);
        let not = if of.is_negative { "!" } else { "" };
        let of_trait = of.trait_.as_ref().map(|path| self.path(path)).unwrap_or_default();
        format!("impl{parameters} {not}{of_trait} for {}{conditions}", self.of_type(&of.for_))
    }

    fn parameters_and_conditions(&self, generics: &Generics) -> (String, String) {
        let parameters = self.parameters(&generics.params);
        let conditions: Vec<String> = generics.where_predicates.iter().map(|of| self.predicate(of)).collect();
        let conditions = match conditions.is_empty() {
            true => String::new(),
            false => format!(" where {}", conditions.join(", ")),
        };
        (parameters, conditions)
    }

    /// Returns the parameters in angle brackets. Those of `impl Trait` in arguments are written where they are used.
    fn parameters(&self, parameters: &[GenericParamDef]) -> String {
        let parameters = parameters.iter().filter_map(|parameter| {
            let name = &parameter.name;
            Some(match &parameter.kind {
                GenericParamDefKind::Type { is_synthetic: true, .. } => return None,
                GenericParamDefKind::Lifetime { outlives } if outlives.is_empty() => name.clone(),
                GenericParamDefKind::Lifetime { outlives } => format!("{name}: {}", outlives.join(" + ")),
                GenericParamDefKind::Type { bounds, default, .. } => {
                    let bounds = self.bounds(bounds);
                    let colon = if bounds.is_empty() { "" } else { ": " };
                    let default = default.as_ref().map(|of| format!(" = {}", self.of_type(of)));
                    format!("{name}{colon}{bounds}{}", default.unwrap_or_default())
                }
                GenericParamDefKind::Const { type_, default } => {
                    let default = default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
                    format!("const {name}: {}{default}", self.of_type(type_))
                }
            })
        });
        let parameters: Vec<String> = parameters.collect();
        if parameters.is_empty() { String::new() } else { format!("<{}>", parameters.join(", ")) }
    }

    fn predicate(&self, predicate: &WherePredicate) -> String {
        match predicate {
            WherePredicate::BoundPredicate { type_, bounds, generic_params } => {
                let each = self.for_each(generic_params);
                format!("{each}{}: {}", self.of_type(type_), self.bounds(bounds))
            }
            WherePredicate::LifetimePredicate { lifetime, outlives } => {
                format!("{lifetime}: {}", outlives.join(" + "))
            }
            WherePredicate::EqPredicate { lhs, rhs } => {
                format!("{} = {}", self.of_type(lhs), self.term(rhs))
            }
        }
    }

    fn for_each(&self, parameters: &[GenericParamDef]) -> String {
        match self.parameters(parameters) {
            parameters if parameters.is_empty() => parameters,
            parameters => format!("for{parameters} "),
        }
    }

    pub(super) fn bounds(&self, bounds: &[GenericBound]) -> String {
        let bounds = bounds.iter().map(|bound| match bound {
            GenericBound::TraitBound { trait_, generic_params, modifier } => {
                let modifier = match modifier {
                    TraitBoundModifier::None => "",
                    TraitBoundModifier::Maybe => "?",
                    TraitBoundModifier::MaybeConst => "[const] ",
                };
                format!("{modifier}{}{}", self.for_each(generic_params), self.path(trait_))
            }
            GenericBound::Outlives(lifetime) => lifetime.clone(),
            GenericBound::Use(captured) => {
                let names = captured.iter().map(|captured| match captured {
                    PreciseCapturingArg::Lifetime(name) | PreciseCapturingArg::Param(name) => name.as_str(),
                });
                format!("use<{}>", names.collect::<Vec<_>>().join(", "))
            }
        });
        bounds.collect::<Vec<_>>().join(" + ")
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::Type(of) => self.of_type(of),
            Term::Constant(constant) => constant.expr.clone(),
        }
    }

    /// Types nest as deep as somebody wrote them.
    pub(super) fn of_type(&self, of: &Type) -> String {
        match of {
            Type::ResolvedPath(path) => self.path(path),
            Type::DynTrait(of) => {
                let traits = of.traits.iter().map(|of_trait| {
                    format!("{}{}", self.for_each(&of_trait.generic_params), self.path(&of_trait.trait_))
                });
                let lifetime = of.lifetime.iter().cloned();
                format!("dyn {}", traits.chain(lifetime).collect::<Vec<_>>().join(" + "))
            }
            Type::Generic(name) | Type::Primitive(name) => match name.as_str() {
                "never" => "!".to_owned(),
                name => name.to_owned(),
            },
            Type::FunctionPointer(pointer) => {
                let inputs: Vec<String> = pointer.sig.inputs.iter().map(|(_, of)| self.of_type(of)).collect();
                let output = pointer.sig.output.as_ref().map(|of| format!(" -> {}", self.of_type(of)));
                let each = self.for_each(&pointer.generic_params);
                format!("{each}fn({}){}", inputs.join(", "), output.unwrap_or_default())
            }
            Type::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.of_type(part)).collect();
                let comma = if parts.len() == 1 { "," } else { "" };
                format!("({}{comma})", parts.join(", "))
            }
            Type::Slice(of) => format!("[{}]", self.of_type(of)),
            Type::Array { type_, len } => format!("[{}; {len}]", self.of_type(type_)),
            Type::Pat { type_, .. } => self.of_type(type_),
            Type::ImplTrait(bounds) => format!("impl {}", self.bounds(bounds)),
            Type::Infer => "_".to_owned(),
            Type::RawPointer { is_mutable, type_ } => {
                format!("*{} {}", if *is_mutable { "mut" } else { "const" }, self.of_type(type_))
            }
            Type::BorrowedRef { lifetime, is_mutable, type_ } => {
                let lifetime = lifetime.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
                format!("&{lifetime}{}{}", if *is_mutable { "mut " } else { "" }, self.of_type(type_))
            }
            Type::QualifiedPath { name, args, self_type, trait_ } => {
                let arguments = self.arguments(args.as_deref());
                let owner = self.of_type(self_type);
                match trait_.as_ref().map(|path| self.path(path)).filter(|path| !path.is_empty()) {
                    Some(of_trait) => format!("<{owner} as {of_trait}>::{name}{arguments}"),
                    None => format!("{owner}::{name}{arguments}"),
                }
            }
        }
    }

    pub(super) fn path(&self, path: &Path) -> String {
        format!("{}{}", self.name(path), self.arguments(path.args.as_deref()))
    }

    fn name(&self, path: &Path) -> String {
        let own = path.path.rsplit("::").next().unwrap_or(&path.path).to_owned();
        let Some(summary) = self.of.paths.get(&path.id) else { return own };
        let owner = self.of.external_crates.get(&summary.crate_id).map_or("", |owner| owner.name.as_str());
        match summary.crate_id == 0 || STANDARD.contains(&owner) {
            true => own,
            false => summary.path.join("::"),
        }
    }

    fn arguments(&self, arguments: Option<&GenericArgs>) -> String {
        match arguments {
            Some(GenericArgs::AngleBracketed { args, constraints }) => {
                let args = args.iter().map(|argument| match argument {
                    GenericArg::Lifetime(name) => name.clone(),
                    GenericArg::Type(of) => self.of_type(of),
                    GenericArg::Const(constant) => constant.expr.clone(),
                    GenericArg::Infer => "_".to_owned(),
                });
                let constraints = constraints.iter().map(|constraint| {
                    let name = format!("{}{}", constraint.name, self.arguments(constraint.args.as_deref()));
                    match &constraint.binding {
                        AssocItemConstraintKind::Equality(term) => format!("{name} = {}", self.term(term)),
                        AssocItemConstraintKind::Constraint(bounds) => {
                            format!("{name}: {}", self.bounds(bounds))
                        }
                    }
                });
                let all: Vec<String> = args.chain(constraints).collect();
                if all.is_empty() { String::new() } else { format!("<{}>", all.join(", ")) }
            }
            Some(GenericArgs::Parenthesized { inputs, output }) => {
                let inputs: Vec<String> = inputs.iter().map(|of| self.of_type(of)).collect();
                let output = output.as_ref().map(|of| format!(" -> {}", self.of_type(of)));
                format!("({}){}", inputs.join(", "), output.unwrap_or_default())
            }
            Some(GenericArgs::ReturnTypeNotation) => "(..)".to_owned(),
            None => String::new(),
        }
    }
}

fn is_self(of: &Type) -> bool {
    matches!(of, Type::Generic(name) if name == "Self")
}
