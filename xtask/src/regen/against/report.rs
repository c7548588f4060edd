//! The output of a comparison.

use std::io::{self, Write};

use super::allowed::Sorted;

/// Writes one line per remaining difference, and the counts. `with_allowed` adds the accepted differences by
/// reason and the unused entries of the list.
pub(super) fn write(
    out: &mut dyn Write,
    operations: usize,
    sorted: &Sorted,
    with_allowed: bool,
) -> io::Result<()> {
    let accepted = &sorted.accepted;
    if with_allowed {
        for group in accepted {
            let example = group.differences.first().map(ToString::to_string).unwrap_or_default();
            writeln!(out, "allowed: {} ({}, for example {example})", group.reason, group.differences.len())?;
        }
        for entry in &sorted.unused {
            writeln!(out, "unused: {entry}")?;
        }
    }
    for difference in &sorted.left {
        writeln!(out, "{difference}")?;
    }
    let count: usize = accepted.iter().map(|group| group.differences.len()).sum();
    let (reasons, unused) = (accepted.len(), sorted.unused.len());
    let hint = if with_allowed { "" } else { " (add --allowed to list them)" };
    writeln!(out, "allowed: {count} differences, {reasons} reasons; unused entries: {unused}{hint}")?;
    writeln!(out, "{operations} operations, {} differences", sorted.left.len())
}
