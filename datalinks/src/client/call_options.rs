//! Options for the calls of one handle or builder.

/// Implements `with_options` and `client` for a handle. `$field` is the client or the handle that the calls go through.
macro_rules! handle_options {
    ($handle:ty, $client:ty, $field:ident) => {
        impl $handle {
            /// Returns a handle with these options for its calls. Handles and streams that it creates keep them.
            ///
            /// Options are merged field by field with those that this handle has from its client, see
            /// [`CallOptions`](crate::CallOptions). This handle does not change.
            pub fn with_options(&self, options: $crate::transport::CallOptions) -> Self {
                let mut changed = self.clone();
                changed.$field = changed.$field.with_options(options);
                changed
            }

            /// Returns the client of this handle, with the options of this handle.
            pub fn client(&self) -> &$client {
                $crate::client::client_of!(self, $field, $client)
            }
        }
    };
}
pub(crate) use handle_options;

/// Returns the client in a field, which is a client or a handle.
macro_rules! client_of {
    ($handle:ident, client, $client:ty) => {
        &$handle.client
    };
    ($handle:ident, $field:ident, $client:ty) => {
        $handle.$field.client()
    };
}
pub(crate) use client_of;

/// Implements `options` for the builder of a call. `$field` is the client or the handle that the call goes through.
macro_rules! builder_options {
    ($builder:ident $(<$type:ident>)?, $($field:ident).+) => {
        impl $(<$type>)? $builder $(<$type>)? {
            /// Sets options for this call, such as a time limit, retries or headers.
            ///
            /// Options are merged field by field with those of the handle and the client that created this builder, see
            /// [`CallOptions`](crate::CallOptions). A stream that the call returns keeps them when it reconnects.
            pub fn options(mut self, options: $crate::transport::CallOptions) -> Self {
                self.$($field).+ = self.$($field).+.with_options(options);
                self
            }
        }
    };
}
pub(crate) use builder_options;
