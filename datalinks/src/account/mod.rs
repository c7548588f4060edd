//! The user, tokens and usage.

mod tokens;
mod usage;

pub use tokens::{CreateToken, CreatedToken, Token, TokenPermissions, User};
pub use usage::{Usage, UsageByDay, UsageCursor, UsageDay, UsageDays, UsageItem, UsagePage};
