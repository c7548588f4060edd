//! A made-up crate. Its JSON is `sample.json`.
//!
//! The crates `made` and `other` that it names:
//!
//! ```text
//! pub struct Step; pub struct Row; pub trait Seen { type Out; } pub mod kinds { pub enum Kind { A } }
//! ```
//!
//! The JSON was written by rustdoc of Rust 1.95, without the implementations that rustdoc makes up itself:
//!
//! ```text
//! rustc --crate-type lib --crate-name made made.rs          # and other.rs likewise
//! RUSTC_BOOTSTRAP=1 rustdoc --edition 2024 --crate-name sample -L . --extern made --extern other \
//!     -Z unstable-options --output-format json sample.rs
//! ```

mod inner {
    /// Public by its re-export.
    pub struct Holder<T: other::Seen> {
        pub step: made::Step,
        pub list: Vec<Option<Box<made::kinds::Kind>>>,
        hidden: other::Row,
        pub of: T,
    }
    impl<T: other::Seen> Holder<T> {
        pub fn take(&self, _: impl Fn(&made::Row) -> u8) {}
        pub fn give(&self) -> impl Iterator<Item = other::Row> + use<T> {
            std::iter::empty()
        }
        fn private(&self, _: other::kinds::Kind) {
            let _ = &self.hidden;
        }
        pub fn run(&self) {
            self.private(other::kinds::Kind::A);
        }
    }
    pub enum Choice {
        Left(made::Row),
        Right { row: [other::Row; 2] },
    }
    impl made::Seen for Choice {
        type Out = made::Step;
    }
    impl Clone for Choice {
        fn clone(&self) -> Self {
            unimplemented!()
        }
    }
    pub type Alias = Result<(), made::Step>;
    pub struct Unreachable(pub other::kinds::Kind);
}
pub mod public {
    pub fn dynamic(_: &dyn other::Seen<Out = made::kinds::Kind>) {}
}
pub use inner::{Alias, Choice, Holder as Renamed};
pub use made::Step;
pub use other as low;
