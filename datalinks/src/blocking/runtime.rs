//! The runtime of a blocking client: who polls, who drives the connections, and where blocking is rejected.
//!
//! A call is polled on the thread of its caller, which sleeps while there is nothing to poll. Connections and timers belong to
//! a runtime of Tokio, which one thread drives for a client and everything that was made from it. Any number of threads can
//! call at once, since none of them has to drive the others.

use std::{
    io,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::coop,
};

use crate::error::{Error, ErrorKind};

/// The name of the thread.
const NAME: &str = "datalinks-blocking";

/// More than the budget that Tokio gives a task for one poll.
const MAX_BUDGET: usize = 1_024;

/// The runtime of a client, which clones share. The thread starts with the first call, and ends after the last clone is
/// dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Runtime(Arc<Mutex<Option<Driver>>>);

/// The thread that drives connections and timers.
#[derive(Debug)]
struct Driver {
    handle: Handle,
    /// The thread ends when this is dropped. Nobody joins it, because a value can be dropped where blocking is not allowed.
    _alive: oneshot::Sender<()>,
}

impl Runtime {
    /// Waits for the future that `start` returns.
    pub(super) fn wait<T, F>(&self, start: impl FnOnce() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.wait_for(start).and_then(|output| output)
    }

    /// Waits for the future that `start` returns, whatever its output is.
    pub(super) fn wait_for<F: Future>(&self, start: impl FnOnce() -> F) -> Result<F::Output, Error> {
        if polls_task() {
            return Err(Error::invalid("a blocking call on a thread that runs tasks of Tokio").advice(
                "this call sent nothing; make it in tokio::task::spawn_blocking, or use the async client, datalinks::DataLinks",
            ));
        }
        if Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed()) {
            return Err(Error::invalid(
                "a blocking call in the destructor of a thread-local value, on a thread that ends",
            )
            .advice("this call sent nothing; make it before the thread ends"));
        }
        let handle = self.handle().map_err(|error| {
            Error::new(ErrorKind::Io, format!("the thread of the blocking client did not start: {error}"))
                .caused_by(error)
        })?;
        // Futures find the runtime of their timers and connections by the thread that polls them.
        let _entered = handle.enter();
        Ok(block_on(start()))
    }

    /// Returns the runtime, and starts it before the first call.
    fn handle(&self) -> io::Result<Handle> {
        // A panic elsewhere cannot leave the driver invalid.
        let mut driver = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(driver) = &*driver {
            return Ok(driver.handle.clone());
        }
        let started = Driver::start()?;
        let handle = started.handle.clone();
        *driver = Some(started);
        Ok(handle)
    }
}

impl Driver {
    fn start() -> io::Result<Self> {
        let (alive, dropped) = oneshot::channel();
        let (sender, receiver) = mpsc::sync_channel(1);
        // The thread owns the runtime, so that it is never dropped where blocking is not allowed.
        thread::Builder::new().name(NAME.to_owned()).spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let handle = runtime.as_ref().map(|runtime| runtime.handle().clone());
            // Nobody receives if the caller has ended. The runtime then ends, too.
            let _ = sender.send(handle.map_err(|error| io::Error::new(error.kind(), error.to_string())));
            if let Ok(runtime) = runtime {
                // An error says that the sender was dropped, which is what is awaited.
                let _ = runtime.block_on(dropped);
            }
        })?;
        let handle = receiver.recv().map_err(io::Error::other)??;
        Ok(Self { handle, _alive: alive })
    }
}

/// Returns `true` in a poll of a task of Tokio, or of the future that a runtime was started with.
///
/// Blocking there stops all tasks of the thread, and waits forever if one of them is the server of the call. Tokio limits the
/// work of such a poll by a budget. Threads for blocking work, `block_in_place` and threads that only entered a runtime have
/// none, although they have a current runtime as well. What is taken from the budget is given back.
fn polls_task() -> bool {
    if Handle::try_current().is_err() {
        return false;
    }
    let mut cx = Context::from_waker(Waker::noop());
    let mut taken = Vec::new();
    while taken.len() < MAX_BUDGET {
        match coop::poll_proceed(&mut cx) {
            Poll::Ready(unit) => taken.push(unit),
            Poll::Pending => break,
        }
    }
    let limited = taken.len() < MAX_BUDGET;
    // Each unit restores the budget before it, so the first one is the last to be dropped.
    while taken.pop().is_some() {}
    limited
}

/// Polls a future on this thread until it completes.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let alarm = Arc::new(Alarm { thread: thread::current(), rang: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&alarm));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        // A thread can be unparked for other reasons, and code in the poll may have parked it, too.
        while !alarm.rang.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

/// Wakes the thread that polls.
struct Alarm {
    thread: Thread,
    rang: AtomicBool,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rang.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn is_started(runtime: &Runtime) -> bool {
        runtime.0.lock().unwrap().is_some()
    }

    /// Number of units that a poll may still take.
    fn budget() -> usize {
        let mut cx = Context::from_waker(Waker::noop());
        let mut taken = Vec::new();
        while let Poll::Ready(unit) = coop::poll_proceed(&mut cx) {
            taken.push(unit);
            assert!(taken.len() < MAX_BUDGET, "no limit");
        }
        let left = taken.len();
        while taken.pop().is_some() {}
        left
    }

    #[test]
    fn thread_starts_with_the_first_call_and_ends_with_the_last_clone() {
        let runtime = Runtime::default();
        let clone = runtime.clone();
        assert!(!is_started(&runtime));
        assert_eq!(runtime.wait(|| async { Ok(7) }).unwrap(), 7);
        assert!(is_started(&clone));

        // The task is dropped with the runtime, which the thread owns.
        let (alive, ended) = mpsc::channel::<()>();
        runtime.handle().unwrap().spawn(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        drop(runtime);
        assert_eq!(ended.try_recv(), Err(mpsc::TryRecvError::Empty));
        drop(clone);
        assert_eq!(ended.recv(), Err(mpsc::RecvError));
    }

    #[test]
    fn timers_and_tasks_belong_to_the_thread() {
        let runtime = Runtime::default();
        let name = runtime.wait(|| async {
            let end = tokio::time::timeout(std::time::Duration::from_millis(1), std::future::pending::<()>());
            assert!(end.await.is_err());
            let task = tokio::spawn(async { thread::current().name().map(str::to_owned) });
            Ok(task.await.unwrap())
        });
        assert_eq!(name.unwrap().as_deref(), Some(NAME));
    }

    /// Code in a poll may park the thread, and then takes the wakeup that was meant for the poll.
    #[test]
    fn wakeup_in_a_poll_is_not_lost() {
        let mut polls = 0;
        let future = std::future::poll_fn(|cx| {
            polls += 1;
            if polls == 3 {
                return Poll::Ready(polls);
            }
            cx.waker().wake_by_ref();
            thread::park();
            Poll::Pending
        });
        assert_eq!(block_on(future), 3);
    }

    #[test]
    fn calls_are_rejected_in_polls_of_tasks_only() {
        let is_rejected = |runtime: &Runtime| runtime.wait(|| async { Ok(()) }).is_err();
        let runtime = Runtime::default();
        assert!(!is_rejected(&runtime));
        for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            let tokio = builder.worker_threads(1).build().unwrap();
            let (of_task, of_blocking) = (runtime.clone(), runtime.clone());
            assert!(tokio.block_on(async { is_rejected(&runtime) }));
            assert!(
                tokio.block_on(async { tokio::spawn(async move { is_rejected(&of_task) }).await.unwrap() })
            );
            assert!(!tokio.block_on(async {
                tokio::task::spawn_blocking(move || is_rejected(&of_blocking)).await.unwrap()
            }));
            let local = tokio::task::LocalSet::new();
            assert!(tokio.block_on(local.run_until(async { is_rejected(&runtime) })));
            let _entered = tokio.enter();
            assert!(!is_rejected(&runtime));
        }
        let tokio = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        assert!(!tokio.block_on(async { tokio::task::block_in_place(|| is_rejected(&runtime)) }));
    }

    /// Regression: Tokio's own thread-local value is destroyed before those that were initialized earlier. The call panicked, which
    /// ends the process in such a destructor.
    #[test]
    fn calls_in_destructors_of_thread_local_values_are_rejected() {
        struct Last(Runtime, mpsc::Sender<Result<(), Error>>);
        impl Drop for Last {
            fn drop(&mut self) {
                let _ = self.1.send(self.0.wait(|| async { Ok(()) }));
            }
        }
        thread_local! {
            static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
        }
        let (sender, receiver) = mpsc::channel();
        let ended = thread::spawn(move || {
            let runtime = Runtime::default();
            LAST.set(Some(Last(runtime.clone(), sender)));
            runtime.wait(|| async { Ok(()) }).unwrap();
        });
        ended.join().unwrap();
        let error = receiver.recv().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("thread that ends"), "{error}");
    }

    #[test]
    fn budget_of_a_rejected_poll_is_given_back() {
        let tokio = Builder::new_current_thread().build().unwrap();
        tokio.block_on(async {
            let before = budget();
            assert!(polls_task());
            assert_eq!(budget(), before);
            assert!(before > 1);
            // A poll that has nothing left is rejected as well.
            let mut cx = Context::from_waker(Waker::noop());
            while let Poll::Ready(unit) = coop::poll_proceed(&mut cx) {
                unit.made_progress();
            }
            assert!(polls_task());
            assert_eq!(budget(), 0);
        });
    }

    #[test]
    fn error_names_both_ways_out() {
        let tokio = Builder::new_current_thread().build().unwrap();
        let error = tokio.block_on(async { Runtime::default().wait(|| async { Ok(()) }).unwrap_err() });
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(
            error.to_string(),
            "a blocking call on a thread that runs tasks of Tokio; this call sent nothing; make it in \
             tokio::task::spawn_blocking, or use the async client, datalinks::DataLinks"
        );
    }
}
