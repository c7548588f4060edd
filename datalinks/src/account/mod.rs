//! The user, tokens and usage.

mod token;
mod tokens;
mod usage;
mod usage_items;
mod user;

pub use token::{Token, TokenPermission, TokenPermissions};
pub use tokens::{CreateToken, CreatedToken};
pub use usage::{Usage, UsageByDay, UsageCursor, UsageDays, UsagePage};
pub use usage_items::{UsageDay, UsageItem};
pub use user::User;
