//! Errors of Ballista as errors of the engine.

use ballista_core::error::BallistaError;
use datafusion::error::DataFusionError;

pub(crate) fn ballista(error: BallistaError) -> DataFusionError {
    match error {
        BallistaError::DataFusionError(error) => *error,
        other => DataFusionError::External(Box::new(other)),
    }
}
