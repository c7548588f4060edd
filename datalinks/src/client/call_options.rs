//! Options for the calls of one handle or builder.

/// Gives a handle options of its own, and a way back to its client. `$field` is the client or the handle that it sends
/// through.
macro_rules! handle_options {
    ($handle:ty, $client:ty, $field:ident) => {
        impl $handle {
            /// Returns a handle whose calls differ by these options. Everything made from it keeps them.
            ///
            /// Options are merged field by field with those that this handle has from its client, see
            /// [`CallOptions`](crate::CallOptions). This handle stays as it is.
            pub fn with_options(&self, options: $crate::transport::CallOptions) -> Self {
                let mut changed = self.clone();
                changed.$field = changed.$field.with_options(options);
                changed
            }

            /// Returns the client that this handle sends through, with the options of this handle.
            pub fn client(&self) -> &$client {
                $crate::client::client_of!(self, $field, $client)
            }
        }
    };
}
pub(crate) use handle_options;

/// The client in a field that is a client or a handle.
macro_rules! client_of {
    ($handle:ident, client, $client:ty) => {
        &$handle.client
    };
    ($handle:ident, $field:ident, $client:ty) => {
        $handle.$field.client()
    };
}
pub(crate) use client_of;

/// Gives a builder of one call options of its own. `$field` is the client or the handle that it sends through.
macro_rules! builder_options {
    ($builder:ident $(<$type:ident>)?, $field:ident) => {
        impl $(<$type>)? $builder $(<$type>)? {
            /// Sets options for this call: time limit, retries, headers.
            ///
            /// Options are merged field by field with those of the handle and the client that this builder was made
            /// from, see [`CallOptions`](crate::CallOptions). What the call makes, such as a stream that connects again,
            /// keeps them.
            pub fn options(mut self, options: $crate::transport::CallOptions) -> Self {
                self.$field = self.$field.with_options(options);
                self
            }
        }
    };
}
pub(crate) use builder_options;
