//! A macro for builders that are awaited.

/// Implements `IntoFuture` for a builder by calling its `send`.
macro_rules! impl_into_future {
    ($builder:ty => $output:ty) => {
        impl std::future::IntoFuture for $builder {
            type Output = Result<$output, $crate::error::Error>;
            type IntoFuture = futures::future::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

pub(crate) use impl_into_future;
