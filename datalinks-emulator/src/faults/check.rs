//! Validation of faults before they are injected.

use datalinks_gen::Operation;
use http::{HeaderName, HeaderValue, StatusCode};

use super::effect::Effect;
use super::error::FaultError;
use super::fault::Fault;
use super::names::{AGENT_RUN, EVENTUAL, INGEST_FILE, PUT_PART};

impl Fault {
    /// Validates the fault and returns the name of its target.
    pub(super) fn check(&self) -> Result<&'static str, FaultError> {
        let (id, streams) = match Operation::by_id(&self.operation) {
            Some(operation) => {
                (operation.id, operation.stream.is_some() || !operation.stream_methods.is_empty())
            }
            None if self.operation == PUT_PART => (PUT_PART, false),
            None if self.operation == INGEST_FILE => (INGEST_FILE, false),
            None if self.operation == AGENT_RUN => (AGENT_RUN, true),
            None => return Err(FaultError::UnknownOperation(self.operation.clone())),
        };
        if id == INGEST_FILE && !matches!(self.effect, Effect::None | Effect::Status(_)) {
            return Err(FaultError::NoResponse(INGEST_FILE));
        }
        if id == AGENT_RUN && !matches!(self.effect, Effect::None | Effect::Status(_) | Effect::EndAfter(_)) {
            return Err(FaultError::NoResponse(AGENT_RUN));
        }
        match &self.effect {
            Effect::Status(status) | Effect::Html(status) => {
                let known = StatusCode::from_u16(*status).ok();
                if known.is_none_or(|status| !status.is_client_error() && !status.is_server_error()) {
                    return Err(FaultError::NotAnErrorStatus(*status));
                }
            }
            Effect::CutAfter(_) | Effect::EndAfter(_) | Effect::GarbageAfter(_) | Effect::RepeatEvent(_)
                if !streams =>
            {
                return Err(FaultError::NoStream(id));
            }
            Effect::ExpiredUrl if id != PUT_PART => return Err(FaultError::NoUrl(id)),
            Effect::EffectiveAfter(_) if !EVENTUAL.contains(&id) => return Err(FaultError::NotEventual(id)),
            Effect::WithoutHeader(name) if HeaderName::try_from(name.as_str()).is_err() => {
                return Err(FaultError::NotAHeader(name.clone()));
            }
            _ => {}
        }
        if let Some(value) = &self.retry_after {
            if HeaderValue::from_str(value).is_err() {
                return Err(FaultError::NotAHeader(value.clone()));
            }
            if !matches!(self.effect, Effect::Status(_) | Effect::Html(_)) {
                return Err(FaultError::RetryAfterNeedsStatus);
            }
        }
        match self.probability {
            Some(probability) if !(0.0..=1.0).contains(&probability) => {
                Err(FaultError::NotAProbability(probability))
            }
            _ => Ok(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_faults_are_rejected() {
        let error = |fault: Fault| fault.check().unwrap_err();
        assert!(matches!(error(Fault::new("ingest")), FaultError::UnknownOperation(_)));
        assert!(matches!(error(Fault::new("ingestData").status(200)), FaultError::NotAnErrorStatus(200)));
        assert!(matches!(error(Fault::new("ingestData").html(999)), FaultError::NotAnErrorStatus(999)));
        assert!(matches!(error(Fault::new("ingestData").cut_after(1)), FaultError::NoStream(_)));
        assert!(matches!(error(Fault::new("queryData").garbage_after(1)), FaultError::NoStream(_)));
        assert!(matches!(error(Fault::new("queryData").repeat_event(1)), FaultError::NoStream(_)));
        assert!(matches!(error(Fault::new("putPart").end_after(1)), FaultError::NoStream(_)));
        assert!(matches!(error(Fault::new("ingestFile").lose_response()), FaultError::NoResponse(_)));
        assert!(matches!(error(Fault::new("agentRun").cut_after(1)), FaultError::NoResponse(_)));
        assert_eq!(Fault::new("a2aJsonRpc").cut_after(1).check().unwrap(), "a2aJsonRpc");
        assert_eq!(Fault::new("agentRun").end_after(1).check().unwrap(), AGENT_RUN);
        assert!(matches!(error(Fault::new("queryData").expired_url()), FaultError::NoUrl(_)));
        let delayed = Fault::new("queryData").effective_after(std::time::Duration::from_secs(1));
        assert!(matches!(error(delayed), FaultError::NotEventual("queryData")));
        assert!(matches!(error(Fault::new("queryData").without_header("a b")), FaultError::NotAHeader(_)));
        assert!(matches!(
            error(Fault::new("queryData").lose_response().retry_after("1")),
            FaultError::RetryAfterNeedsStatus
        ));
        for probability in [-0.1, 1.1, f64::NAN] {
            let error = error(Fault::new("queryData").garbage().probability(probability));
            assert!(matches!(error, FaultError::NotAProbability(_)), "{probability}");
        }
    }

    #[test]
    fn misspelled_operation_gets_a_suggestion() {
        let message = Fault::new("injestData").check().unwrap_err().to_string();
        assert!(message.contains("did you mean ingestData?"), "{message}");
    }
}
