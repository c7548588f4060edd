//! Sizes and numbers of requests, as flags give them.

use datalinks::ingest::{Budget, Concurrency};

/// Parses a number of bytes with an optional unit.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: usize = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        _ => 0,
    };
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(factor));
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "expected a number of bytes, such as 500kB or 8MiB".to_owned())
}

/// Parses `auto` or a number.
pub(super) fn concurrency(text: &str) -> Result<Concurrency, String> {
    if text == "auto" {
        return Ok(Concurrency::auto());
    }
    match text.parse::<usize>() {
        Ok(number) if (1..=64).contains(&number) => Ok(Concurrency::from(number)),
        _ => Err("expected a number from 1 to 64, or auto".to_owned()),
    }
}

/// Parses an amount of money or of tokens.
pub(super) fn budget(text: &str) -> Result<Budget, String> {
    text.parse().map_err(|error: datalinks::Error| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in
            [("1", 1), ("500kB", 500_000), ("8MiB", 8 << 20), ("2 KiB", 2048), ("3m", 3_000_000)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "0", "-1", "1.5MiB", "1 GB of it", "99999999999999999999", "9999999999999999999MiB"]
        {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn concurrency_is_a_number_or_auto() {
        assert_eq!(concurrency("auto"), Ok(Concurrency::auto()));
        assert_eq!(concurrency("64"), Ok(Concurrency::from(64)));
        assert!(concurrency("0").is_err() && concurrency("65").is_err() && concurrency("many").is_err());
    }
}
