//! How a file is cut.

/// Parts of one file at the most, as the service says.
pub(crate) const MOST_PARTS: u64 = 10_000;

/// The sizes of the parts of a file: all of `part` but the last. An empty file has one empty part. `None`:
/// there would be too many.
pub(crate) fn sizes(file: u64, part: u64) -> Option<Vec<u64>> {
    let part = part.max(1);
    let count = file.div_ceil(part).max(1);
    if count > MOST_PARTS {
        return None;
    }
    Some((0..count).map(|index| (file - index * part).min(part)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_but_the_last_are_alike() {
        assert_eq!(sizes(0, 4), Some(vec![0]));
        assert_eq!(sizes(4, 4), Some(vec![4]));
        assert_eq!(sizes(8, 4), Some(vec![4, 4]));
        assert_eq!(sizes(9, 4), Some(vec![4, 4, 1]));
        assert_eq!(sizes(10_001, 1), None);
        assert_eq!(sizes(u64::MAX, 1), None);
    }
}
