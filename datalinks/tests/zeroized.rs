//! API keys and secrets are overwritten when the last value that holds them is dropped.
//!
//! The test is a separate program, because it searches all memory of the process, freed memory included. It computes each
//! byte that it searches for, so that it does not find itself. It sends no request: buffers of connections are not
//! overwritten, because they belong to other crates.
#![cfg(target_os = "linux")]

use std::{
    fs::File,
    io::Read as _,
    os::unix::fs::FileExt as _,
    sync::{Mutex, PoisonError},
};

use datalinks::{Config, DataLinks, IngestProxy, Secret};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Length of a key. Longer than what a test allocates otherwise, so that its freed memory is not reused at once.
const LENGTH: usize = 700;
/// The part of a key that is searched. An allocator overwrites the start of freed memory.
const START: usize = 300;
const PART: usize = 48;

/// Only one test may have a key in memory.
static ALONE: Mutex<()> = Mutex::new(());

/// Returns a character of a key. Keys of different numbers have different parts.
fn character(key: usize, at: usize) -> u8 {
    let mixed = (at + 1).wrapping_mul(7919 + 2 * key).wrapping_add(at * at * 31 + key * 17);
    b'!' + u8::try_from(mixed % 94).unwrap_or_default()
}

/// Returns a character of the key in base64.
fn in_base64(key: usize, at: usize) -> u8 {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = at / 4 * 3;
    let bits = (0..3).fold(0_usize, |bits, index| bits << 8 | usize::from(character(key, group + index)));
    ALPHABET[bits >> (18 - 6 * (at % 4)) & 63]
}

/// Writes a key into one allocation.
fn key(number: usize) -> String {
    let mut text = String::with_capacity(LENGTH);
    text.extend((0..LENGTH).map(|at| char::from(character(number, at))));
    text
}

/// Counts in the writable memory of the process what `expected` returns for each index of the searched part.
fn count(expected: impl Fn(usize) -> u8) -> Outcome<usize> {
    let mut maps = String::with_capacity(1024 * 1024);
    File::open("/proc/self/maps")?.read_to_string(&mut maps)?;
    let memory = File::open("/proc/self/mem")?;
    let mut buffer = vec![0; 1024 * 1024];
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let range = line.split(' ').next().and_then(|range| range.split_once('-')).ok_or("no range")?;
        let (mut at, end) = (u64::from_str_radix(range.0, 16)?, u64::from_str_radix(range.1, 16)?);
        while at + (PART as u64) <= end {
            // The buffer is in memory, too.
            buffer.fill(0);
            let most = usize::try_from(end - at)?.min(buffer.len());
            // Some ranges of the kernel cannot be read.
            let Ok(read) = memory.read_at(&mut buffer[..most], at) else { break };
            let starts = memchr::memchr_iter(expected(0), &buffer[..(read + 1).saturating_sub(PART)]);
            found += starts
                .filter(|start| (0..PART).all(|index| buffer[start + index] == expected(index)))
                .count();
            if read < PART || at + read as u64 == end {
                break;
            }
            at += (read + 1 - PART) as u64;
        }
    }
    buffer.fill(0);
    Ok(found)
}

/// Counts the copies of a key, in plain text and in base64.
fn copies(number: usize) -> Outcome<(usize, usize)> {
    Ok((count(|at| character(number, START + at))?, count(|at| in_base64(number, START / 3 * 4 + at))?))
}

/// Checks that memory holds the key while a value lives, and not afterwards.
fn check<T>(number: usize, make: impl FnOnce(String) -> Outcome<T>) -> Outcome {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let value = make(key(number))?;
    let (plain, _) = copies(number)?;
    assert!(plain > 0, "the search does not find a key in use");
    drop(value);
    assert_eq!(copies(number)?, (0, 0), "copies of a key after its value was dropped, plain and in base64");
    Ok(())
}

/// Without this, the other tests would pass if the search did not read freed memory.
#[test]
fn dropped_string_is_found() -> Outcome {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    drop(key(1));
    assert!(copies(1)?.0 > 0);
    Ok(())
}

#[test]
fn secrets_are_overwritten_when_they_are_dropped() -> Outcome {
    check(2, |key| {
        let secret = Secret::from(key);
        Ok((secret.clone(), secret))
    })
}

#[test]
fn keys_of_settings_are_overwritten_when_they_are_dropped() -> Outcome {
    check(3, |key| {
        let mut key = Some(key);
        let key = std::cell::RefCell::new(&mut key);
        let take = |name: &str| (name == "DL_API_KEY").then(|| key.borrow_mut().take()).flatten();
        Ok(Config::from_vars(take))
    })
}

#[test]
fn keys_of_clients_are_overwritten_when_the_last_clone_is_dropped() -> Outcome {
    check(4, |key| {
        let builder = DataLinks::builder("http://127.0.0.1:1/api/v1", key).no_proxy();
        let dl = builder.clone().build()?;
        let dataset = dl.dataset("cinema", "films")?;
        Ok((builder, dl, dataset))
    })?;
    check(5, |key| {
        let builder = IngestProxy::builder("http://127.0.0.1:1", key).no_proxy();
        Ok((builder.clone().build()?, builder))
    })
}

#[test]
fn rejected_keys_are_overwritten() -> Outcome {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rejected = String::with_capacity(LENGTH + 1);
    rejected.extend((0..LENGTH).map(|at| char::from(character(6, at))));
    rejected.push('\u{7f}');
    assert!(copies(6)?.0 > 0);
    let error = DataLinks::builder("http://127.0.0.1:1/api/v1", rejected).no_proxy().build().unwrap_err();
    assert_eq!(copies(6)?, (0, 0), "{error}");
    Ok(())
}
