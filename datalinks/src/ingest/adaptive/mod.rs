//! Settings that follow what the service bears: the requests in flight, and the sizes of batches.
//!
//! [`Controller`](controller::Controller) decides, from the times and outcomes of attempts. It has no clock and does
//! no I/O. [`Pacer`] has the clock, admits attempts, and reports the setting.

mod batch_size;
mod controller;
mod pacer;
#[cfg(test)]
mod tests;
mod window;

pub(super) use pacer::Pacer;
