//! A switch that ends an upload from another thread.

use tokio::sync::watch;

/// A switch that ends uploads, from any thread.
///
/// Clones are the same switch. [`UploadFile::stop_when`](super::UploadFile::stop_when) and
/// [`UploadFiles::stop_when`](super::UploadFiles::stop_when) take it, and a handler of signals keeps a clone.
///
/// # Examples
///
/// ```no_run
/// # fn run(films: datalinks::blocking::Dataset) -> Result<(), datalinks::Error> {
/// use datalinks::blocking::Stop;
///
/// let stop = Stop::new();
/// let of_the_handler = stop.clone();
/// std::thread::spawn(move || {
///     let _ = std::io::stdin().read_line(&mut String::new());
///     of_the_handler.stop();
/// });
/// films.upload("films.csv").stop_when(&stop).run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Returns a switch that is not used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the uploads that have this switch, also those that start later.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Completes once the switch is used.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let switch = self.0.clone();
        async move {
            // The switch is open as long as this future holds a sender.
            let _ = switch.subscribe().wait_for(|stopped| *stopped).await;
        }
    }
}
