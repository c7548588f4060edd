//! Settings: flags over environment variables over the profile over defaults, each with its origin.
//!
//! [`Settings::resolve`] reads all sources at once, so that an invalid one is reported whatever the command needs.
//! Nothing is sent, and no file is changed.

mod credentials;
mod dataset_name;
mod directories;
mod duration;
mod flags;
mod host;
mod keyring;
mod namespace_name;
mod origin;
mod owner_only;
mod profile;
mod rejected;
mod resolve;
mod shown_url;
mod sources;

pub(crate) use credentials::CredentialStore;
pub(crate) use dataset_name::DatasetName;
pub(crate) use duration::parse as parse_duration;
pub(crate) use flags::{EmulatorChoice, GlobalFlags};
pub(crate) use namespace_name::NamespaceName;
pub(crate) use origin::Origin;
pub(crate) use owner_only::{create_directory as create_owner_only_directory, write as write_owner_only};
pub(crate) use profile::toml_place;
pub(crate) use resolve::Settings;
pub(crate) use sources::Environment;
