//! The listing of the sample crate, whose source is `signatures/collect/sample.rs`.

use super::*;

#[test]
fn sample_is_listed() {
    let json = include_str!("../../signatures/collect/sample.json");
    let listing = listing(&crate::signatures::parse(json).unwrap());
    assert_eq!(
        listing.lines().collect::<Vec<_>>(),
        [
            "pub mod sample",
            "pub type sample::Alias = Result<(), made::Step>",
            "pub enum sample::Choice",
            "pub sample::Choice::Left(made::Row)",
            "pub sample::Choice::Right { fields }",
            "pub sample::Choice::Right::row: [other::Row; 2]",
            "impl Clone for Choice",
            "impl made::Seen for Choice, Out = made::Step",
            "pub struct sample::Renamed<T: other::Seen> { private fields }",
            "pub sample::Renamed::step: made::Step",
            "pub sample::Renamed::list: Vec<Option<Box<made::kinds::Kind>>>",
            "pub sample::Renamed::of: T",
            "pub fn sample::Renamed::take(&self, _: impl Fn(&made::Row) -> u8)",
            "pub fn sample::Renamed::give(&self) -> impl Iterator<Item = other::Row> + use<T>",
            "pub fn sample::Renamed::run(&self)",
            "pub use sample::Step = made::Step",
            "pub use sample::low = other",
            "pub mod sample::public",
            "pub fn sample::public::dynamic(_: &dyn other::Seen<Out = made::kinds::Kind>)",
        ]
    );
}
