//! `datalinks usage`.

use serde_json::{Value, json};

use crate::support::World;

/// An emulator with three questions, which use tokens.
fn used() -> World {
    let world = World::new();
    world.ingest("n", "d", &[json!({"title": "Alien", "year": 1979})]);
    for _ in 0..3 {
        world.ok(&["query", "-n", "films of 1979", "--dataset", "n/d", "--quiet"]);
    }
    world
}

#[test]
fn days_and_total_are_the_sums_of_the_history() {
    let world = used();
    let read = |arguments: &[&str]| -> Value { serde_json::from_str(&world.ok(arguments)).unwrap() };
    let history = read(&["usage", "history", "--output", "json"]);
    let history = history.as_array().unwrap();
    let tokens: i64 = history.iter().map(|item| item["tokensUsed"].as_i64().unwrap()).sum();
    assert!(history.len() >= 3 && tokens > 0, "{history:?}");
    let days = read(&["usage", "days", "--output", "json"]);
    let of_days: i64 = days.as_array().unwrap().iter().map(|day| day["tokensUsed"].as_i64().unwrap()).sum();
    assert_eq!(of_days, tokens);
    let total = read(&["usage", "total", "--output", "json"]);
    assert_eq!(total["tokensUsed"], tokens);
    assert!(total["firstDay"].is_string() && total["costUSD"].is_number(), "{total}");
    assert_eq!(world.ok(&["usage", "history", "--limit", "2", "-o", "ndjson"]).lines().count(), 2);
    assert_eq!(world.ok(&["usage", "history", "--limit", "0", "-o", "json"]), "[]\n");
}

#[test]
fn piped_days_are_numbers_and_the_chart_has_bars() {
    let world = used();
    let piped = world.ok(&["usage", "days"]);
    assert!(piped.starts_with("date") && !piped.contains('█'), "{piped}");
    let chart = world.ok(&["usage", "days", "--chart"]);
    assert!(chart.contains('█') && chart.contains("\ntotal"), "{chart}");
    for line in chart.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    // Other formats stay data.
    assert!(
        world.ok(&["usage", "days", "--chart", "--output", "csv"]).starts_with("date,tokensUsed,costUSD\n")
    );
}
