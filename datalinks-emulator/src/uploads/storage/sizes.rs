//! The division of a file into parts.

/// Maximum number of parts of one file, as in the service.
pub(crate) const MAX_PARTS: u64 = 10_000;

/// Returns the sizes of the parts of a file, which are `part` bytes except for the last one. An empty file has one empty
/// part. Returns `None` if there are more than [`MAX_PARTS`].
pub(crate) fn sizes(file: u64, part: u64) -> Option<Vec<u64>> {
    let part = part.max(1);
    let count = file.div_ceil(part).max(1);
    if count > MAX_PARTS {
        return None;
    }
    Some((0..count).map(|index| (file - index * part).min(part)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_except_the_last_have_the_same_size() {
        assert_eq!(sizes(0, 4), Some(vec![0]));
        assert_eq!(sizes(4, 4), Some(vec![4]));
        assert_eq!(sizes(8, 4), Some(vec![4, 4]));
        assert_eq!(sizes(9, 4), Some(vec![4, 4, 1]));
        assert_eq!(sizes(10_001, 1), None);
        assert_eq!(sizes(u64::MAX, 1), None);
    }
}
