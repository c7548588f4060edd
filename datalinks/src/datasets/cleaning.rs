//! Cleaning of a dataset by an agent, and the code that it wrote.

use datalinks_gen::{api::types, progenitor_client::Error as GenError};
use uuid::Uuid;

use super::{code_file::CodeFile, dataset::Dataset};
use crate::{
    client::{DataLinks, uuid},
    error::Error,
    types::{FromWire as _, Listing, listing::without_invalid_items},
};

impl Dataset {
    /// Starts a task in which an agent cleans the dataset by 1 to 10 instructions, in order, and writes the result to the new
    /// dataset `into`. Returns the id of the task.
    ///
    /// The task costs model tokens. The service has no call for the progress of a task.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if fewer than 1 or more than 10 instructions are given. Nothing was sent.
    /// - [`Conflict`](crate::ErrorKind::Conflict) if the dataset `into` exists.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not see it.
    ///
    /// The call is not retried after an ambiguous outcome: a second task would cost tokens again.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn clean<P: Into<String>>(
        &self,
        prompts: impl IntoIterator<Item = P>,
        into: &Dataset,
    ) -> Result<Uuid, Error> {
        let prompts: Vec<String> = prompts.into_iter().map(Into::into).collect();
        if !(1..=10).contains(&prompts.len()) {
            return Err(Error::invalid(format!("{} instructions: expected 1 to 10", prompts.len())));
        }
        let body = types::RequestCleaningRequest {
            prompts,
            output_namespace: into.namespace().name().to_owned(),
            output_dataset_name: into.name().to_owned(),
        };
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let call = self.client().call();
        let result = call.client().request_cleaning(owner, namespace, self.segment(), &body).await;
        call.finish(result).map(|answer| answer.cleaning_task_id)
    }
}

impl DataLinks {
    /// Returns the files of the code that the cleaning agent wrote.
    ///
    /// The service returns an object that holds the files. Before version 2.22.1 of its contract, it returned a bare
    /// array. Both are read.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if `task` is not a UUID. Nothing was sent.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the task does not exist, or has no code yet.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn cleaning_code(&self, task: impl ToString) -> Result<Listing<CodeFile>, Error> {
        let task = uuid("cleaning task id", &task.to_string())?;
        let call = self.call();
        let result = call.client().get_cleaning_task_code(&task).await;
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some((items, rejected)) = without_invalid_items::<Vec<CodeFile>, CodeFile>(body, None)
        {
            return Ok(Listing { items, rejected });
        }
        let (code, rejected): (types::CleanerAgentCodeFilesResponse, _) =
            call.finish_with_items::<_, CodeFile, _>(result, "files")?;
        Ok(Listing { items: Vec::from_wire(code.files), rejected })
    }
}
