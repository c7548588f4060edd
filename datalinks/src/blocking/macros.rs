//! Macros that declare the blocking forms, so that a method is one line.

/// Makes a value of the blocking surface from one of the async surface. Values without async methods are the same in both.
pub(super) trait FromAsync<A> {
    fn from_async(value: A, runtime: &super::runtime::Runtime) -> Self;
}

impl<T> FromAsync<T> for T {
    fn from_async(value: T, _: &super::runtime::Runtime) -> Self {
        value
    }
}

/// Declares the blocking form of a type: the async value, and the runtime that it is polled in.
macro_rules! wrapper {
    ($(#[$meta:meta])* $name:ident $(<$t:ident>)? of $inner:ty) => {
        #[doc = concat!("The blocking form of [`", stringify!($inner), "`].")]
        $(#[$meta])*
        pub struct $name $(<$t>)? {
            // Dropped before the runtime.
            pub(super) inner: $inner,
            pub(super) runtime: $crate::blocking::runtime::Runtime,
        }

        impl $(<$t>)? $crate::blocking::macros::FromAsync<$inner> for $name $(<$t>)? {
            fn from_async(inner: $inner, runtime: &$crate::blocking::runtime::Runtime) -> Self {
                Self { inner, runtime: runtime.clone() }
            }
        }

        $crate::blocking::macros::debug!($name $(<$t>)? of $inner);
    };
}

/// Declares the blocking form of a stream, which is an iterator.
macro_rules! iterator {
    ($(#[$meta:meta])* $([$($bounds:tt)*])? $name:ident $(<$t:ident $(= $default:ty)?>)? of $inner:ty, yields $item:ty) => {
        #[doc = concat!("The blocking form of [`", stringify!($inner), "`], an iterator. Dropping it ends its request.")]
        $(#[$meta])*
        pub struct $name $(<$t $(= $default)?>)? {
            // Dropped before the runtime.
            pub(super) inner: $inner,
            pub(super) runtime: $crate::blocking::runtime::Runtime,
            /// Set after an error that does not come from the stream, so that a loop over the iterator ends.
            pub(super) failed: bool,
        }

        impl $(<$t>)? $crate::blocking::macros::FromAsync<$inner> for $name $(<$t>)? {
            fn from_async(inner: $inner, runtime: &$crate::blocking::runtime::Runtime) -> Self {
                Self { inner, runtime: runtime.clone(), failed: false }
            }
        }

        $crate::blocking::macros::debug!($name $(<$t>)? of $inner);

        impl $(<$($bounds)*>)? Iterator for $name $(<$t>)? {
            type Item = $item;

            fn next(&mut self) -> Option<Self::Item> {
                use $crate::blocking::macros::FromAsync as _;

                if self.failed {
                    return None;
                }
                let Self { inner, runtime, .. } = self;
                match runtime.wait_for(|| futures::StreamExt::next(inner)) {
                    Ok(item) => item.map(|item| <$item>::from_async(item, &self.runtime)),
                    Err(error) => {
                        self.failed = true;
                        Some(Err(error))
                    }
                }
            }
        }

        impl $(<$($bounds)*>)? std::iter::FusedIterator for $name $(<$t>)? {}
    };
}

/// Formats a value as its async form.
macro_rules! debug {
    ($name:ident of $inner:ty) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
    ($name:ident <$t:ident> of $inner:ty) => {
        impl<$t> std::fmt::Debug for $name<$t>
        where
            $inner: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

/// Declares methods of a blocking form.
///
/// | word | async method | blocking method |
/// |---|---|---|
/// | `wait` | is `async` and returns a `Result` | returns the same `Result` |
/// | `awaited` | is the `.await` of a builder | returns the same `Result` |
/// | `fallible` | returns a `Result` | returns the same `Result` |
/// | `plain` | returns anything else | returns the same |
///
/// The type behind the arrow is that of success.
macro_rules! methods {
    (
        $([$($bounds:tt)*])? $name:ident $(<$t:ident>)? of $inner:ty;
        $($(#[$meta:meta])* $word:ident fn $method:ident $(<$g:ident: $bound:path>)? ($($arguments:tt)*) -> $output:ty;)*
    ) => {
        impl $(<$($bounds)*>)? $name $(<$t>)? {
            $($crate::blocking::macros::method! {
                #[doc = concat!(
                    "Like [`", stringify!($method), "`](", stringify!($inner), "::", stringify!($method),
                    ") of the async client.",
                )]
                $(#[$meta])*
                $word fn $method [$($g: $bound)?] ($($arguments)*) -> $output
            })*
        }
    };
}

/// Declares one method.
macro_rules! method {
    (
        #[$doc:meta] $(#[$meta:meta])*
        wait fn $method:ident [$($g:tt)*] (&$self:ident $(, $argument:ident: $of:ty)*) -> $output:ty
    ) => {
        #[$doc]
        $(#[$meta])*
        pub fn $method<$($g)*>(&$self, $($argument: $of),*) -> Result<$output, $crate::error::Error> {
            let output = $self.runtime.wait(|| $self.inner.$method($($argument),*));
            output.map(|output| $crate::blocking::macros::FromAsync::from_async(output, &$self.runtime))
        }
    };
    (
        #[$doc:meta] $(#[$meta:meta])*
        wait fn $method:ident [$($g:tt)*] ($self:ident) -> $output:ty
    ) => {
        #[$doc]
        $(#[$meta])*
        pub fn $method<$($g)*>($self) -> Result<$output, $crate::error::Error> {
            let output = $self.runtime.wait(|| $self.inner.$method());
            output.map(|output| $crate::blocking::macros::FromAsync::from_async(output, &$self.runtime))
        }
    };
    (
        #[$doc:meta] $(#[$meta:meta])*
        awaited fn $method:ident [] ($self:ident) -> $output:ty
    ) => {
        /// Sends the request, and waits for what the async builder is awaited for.
        $(#[$meta])*
        pub fn $method($self) -> Result<$output, $crate::error::Error> {
            let output = $self.runtime.wait(|| $self.inner.into_future());
            output.map(|output| $crate::blocking::macros::FromAsync::from_async(output, &$self.runtime))
        }
    };
    (
        #[$doc:meta] $(#[$meta:meta])*
        fallible fn $method:ident [$($g:tt)*] (&$self:ident $(, $argument:ident: $of:ty)*) -> $output:ty
    ) => {
        #[$doc]
        $(#[$meta])*
        pub fn $method<$($g)*>(&$self, $($argument: $of),*) -> Result<$output, $crate::error::Error> {
            let output = $self.inner.$method($($argument),*)?;
            Ok($crate::blocking::macros::FromAsync::from_async(output, &$self.runtime))
        }
    };
    (
        #[$doc:meta] $(#[$meta:meta])*
        fallible fn $method:ident [$($g:tt)*] ($self:ident $(, $argument:ident: $of:ty)*) -> $output:ty
    ) => {
        #[$doc]
        $(#[$meta])*
        pub fn $method<$($g)*>($self, $($argument: $of),*) -> Result<$output, $crate::error::Error> {
            let output = $self.inner.$method($($argument),*)?;
            Ok($crate::blocking::macros::FromAsync::from_async(output, &$self.runtime))
        }
    };
    (
        #[$doc:meta] $(#[$meta:meta])*
        plain fn $method:ident [$($g:tt)*] (&$self:ident $(, $argument:ident: $of:ty)*) -> $output:ty
    ) => {
        #[$doc]
        $(#[$meta])*
        pub fn $method<$($g)*>(&$self, $($argument: $of),*) -> $output {
            let output = $self.inner.$method($($argument),*);
            $crate::blocking::macros::FromAsync::from_async(output, &$self.runtime)
        }
    };
    (
        #[$doc:meta] $(#[$meta:meta])*
        plain fn $method:ident [$($g:tt)*] ($self:ident $(, $argument:ident: $of:ty)*) -> $output:ty
    ) => {
        #[$doc]
        $(#[$meta])*
        pub fn $method<$($g)*>($self, $($argument: $of),*) -> $output {
            let output = $self.inner.$method($($argument),*);
            $crate::blocking::macros::FromAsync::from_async(output, &$self.runtime)
        }
    };
}

pub(super) use {debug, iterator, method, methods, wrapper};
