//! Options that are set only where they are given.

/// Calls the setter of each option that is given, and returns the builder.
macro_rules! set {
    ($builder:expr, $($setter:ident: $value:expr),+ $(,)?) => {{
        let mut builder = $builder;
        $(if let Some(value) = $value { builder = builder.$setter(value); })+
        builder
    }};
}

pub(crate) use set;
