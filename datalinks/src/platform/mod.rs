//! What the crate takes from the machine on which it runs: [`clock`], [`files`] and [`random`].
//!
//! Everything else names them here, and `cargo xtask structure` holds that. A port to a platform without them, such as WebAssembly in
//! a browser, starts with these three files. Sockets and TLS are in reqwest, and the threads of blocking work in tokio.

pub(crate) mod clock;
pub(crate) mod files;
pub(crate) mod random;
