//! Tokens and usage.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    handles::{CreateToken, Dataset, Items, Namespace, Usage, UsageByDay, UsageMeter},
    macros::methods,
};
use crate::{
    account::{CreatedToken, UsageCursor, UsageDays, UsageItem, UsagePage},
    client::CallOptions,
    spending::Spent,
};

methods! {
    CreateToken of crate::account::CreateToken;

    plain fn expires_at(self, moment: DateTime<Utc>) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> CreatedToken;
}

methods! {
    Usage of crate::account::Usage;

    plain fn from(self, moment: DateTime<Utc>) -> Self;
    plain fn until(self, moment: DateTime<Utc>) -> Self;
    plain fn page_size(self, items: u32) -> Self;
    plain fn cursor(self, cursor: UsageCursor) -> Self;
    plain fn stream(self) -> Items<UsageItem>;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> UsagePage;
}

methods! {
    UsageByDay of crate::account::UsageByDay;

    plain fn from(self, moment: DateTime<Utc>) -> Self;
    plain fn until(self, moment: DateTime<Utc>) -> Self;
    plain fn time_zone(self, name: impl Into<String>) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> UsageDays;
}

methods! {
    UsageMeter of crate::spending::UsageMeter;

    wait fn spent(&self) -> Spent;
    wait fn settled(&self, delay: Duration) -> Spent;
}

methods! {
    [T: Unpin] Items<T> of crate::types::Items<T>;

    wait fn collect(self) -> Vec<T>;
}

impl CreateToken {
    /// Like [`restrict_to_namespace`](crate::account::CreateToken::restrict_to_namespace) of the async client.
    pub fn restrict_to_namespace(self, namespace: &Namespace) -> Self {
        Self { inner: self.inner.restrict_to_namespace(&namespace.inner), ..self }
    }

    /// Like [`restrict_to`](crate::account::CreateToken::restrict_to) of the async client.
    pub fn restrict_to(self, dataset: &Dataset) -> Self {
        Self { inner: self.inner.restrict_to(&dataset.inner), ..self }
    }
}
