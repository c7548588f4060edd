//! The endpoint that lists the kind of response of each operation.

use crate::api::coverage::all;
use crate::models::Models;
use crate::response::ApiResponse;

pub(super) fn read(models: Option<&Models>) -> ApiResponse {
    ApiResponse::json(&all(models))
}
