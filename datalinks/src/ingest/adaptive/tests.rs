//! Decisions that the simulations of whole runs do not tell apart.

use std::{sync::Arc, time::Duration};

use futures::FutureExt as _;

use super::{
    Pacer,
    controller::{Ceilings, Controller},
    window::Window,
};
use crate::{
    ingest::{
        concurrency::Concurrency,
        options::IngestOptions,
        setting::{IngestSetting, SettingReason},
    },
    transport::{AttemptEnd, Gate as _},
};

fn controller(adaptive_concurrency: bool) -> Controller {
    Controller::new(Ceilings {
        concurrency: 8,
        adaptive_concurrency,
        batch_size: 1_000,
        max_batch_bytes: 1 << 20,
        adaptive_batch_size: true,
    })
}

/// Records an attempt that takes `latency` ms from `now` ms on. Returns the setting if it changed.
fn attempt(controller: &mut Controller, now: u64, latency: u64, end: AttemptEnd) -> Option<IngestSetting> {
    let attempt = controller.start(Duration::from_millis(now), controller.concurrency(), 10);
    controller.end(Duration::from_millis(now + latency), attempt, end)
}

#[test]
fn failure_halves_the_batches() {
    let mut controller = controller(false);
    let setting = attempt(&mut controller, 0, 100, AttemptEnd::Failed).unwrap();
    assert_eq!((setting.batch_size, setting.reason), (62, SettingReason::Failed));
}

#[test]
fn rejection_keeps_the_size_of_batches() {
    for rejected in [AttemptEnd::Rejected { retry_after: None }, AttemptEnd::OverQuota { retry_after: None }]
    {
        for adaptive_concurrency in [false, true] {
            let mut controller = controller(adaptive_concurrency);
            let before = controller.setting().batch_size;
            attempt(&mut controller, 0, 100, rejected);
            assert_eq!(controller.setting().batch_size, before);
        }
    }
}

/// Larger batches take longer, which is not a queue.
#[test]
fn latencies_of_batches_of_another_size_are_forgotten() {
    let mut controller = controller(true);
    let mut now = 0;
    while controller.setting().batch_size == 125 {
        attempt(&mut controller, now, 100, AttemptEnd::Answered);
        now += 100;
    }
    let concurrency = controller.concurrency();
    for _ in 0..3 {
        attempt(&mut controller, now, 300, AttemptEnd::Answered);
        now += 300;
    }
    assert_eq!(controller.setting().reason, SettingReason::Growth);
    assert!(controller.concurrency() > concurrency, "{controller:?}");
}

#[test]
fn window_that_doubles_spreads_requests_over_half_of_the_time() {
    let mut window = Window::new(64, 4);
    let interval = |window: &mut Window, now: f64| {
        let mut admission = || {
            window.start(now, 1);
            window.admission(1).unwrap()
        };
        let first = admission();
        admission() - first
    };
    let started = window.start(0.0, 4);
    window.answer(0.1, started, false);
    assert_eq!(window.limit(), 5);
    let doubling = interval(&mut window, 1.0);
    let started = window.start(2.0, 5);
    window.reject(2.1, started, None);
    // The window is 2.5.
    assert_eq!(window.limit(), 3);
    let steady = interval(&mut window, 3.0);
    assert!((steady / doubling - 4.0).abs() < 1e-6, "{steady} and {doubling}");
}

#[test]
fn answer_to_a_request_before_a_cut_does_not_show_that_the_service_responds() {
    let mut window = Window::new(64, 8);
    let (first, second) = (window.start(0.0, 8), window.start(0.0, 8));
    window.fail(0.1, first);
    window.answer(0.1, second, false);
    // The next failure is the second one in a row, after which single requests test the service.
    let third = window.start(0.2, 1);
    window.fail(0.3, third);
    assert_eq!((window.limit(), window.admission(0)), (1, Some(0.4)));
}

fn pacer() -> Arc<Pacer> {
    let options = IngestOptions { concurrency: Concurrency::auto(), ..IngestOptions::default() };
    Pacer::new(&options).unwrap()
}

#[tokio::test(start_paused = true)]
async fn batch_that_pauses_does_not_count_as_in_flight() {
    let pacer = pacer();
    assert_eq!(pacer.max_in_flight(), 1);
    let paused = Arc::clone(&pacer).pause();
    assert_eq!(pacer.max_in_flight(), 2);
    drop(paused);
    assert_eq!(pacer.max_in_flight(), 1);
}

#[tokio::test(start_paused = true)]
async fn attempt_that_is_withdrawn_makes_room_for_another() {
    let pacer = pacer();
    let first = Arc::clone(&pacer).admit(10).await;
    let mut second = Arc::clone(&pacer).admit(10);
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    assert!(second.now_or_never().is_some());
    // The setting does not follow from a request that was not sent.
    assert_eq!(pacer.setting().reason, SettingReason::Start);
}
