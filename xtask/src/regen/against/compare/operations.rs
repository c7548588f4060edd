//! Operations: matched by method and path, then compared part by part.

use std::collections::BTreeMap;

use super::{
    super::{
        difference::{Kind, Location, Side},
        model::{Operation, ParameterValue},
    },
    Comparison, only_in,
};

impl<'a> Comparison<'_, 'a> {
    pub(super) fn operations(&mut self) {
        let (ours, theirs) = (self.ours, self.theirs);
        let known: BTreeMap<String, &Operation<'_>> =
            ours.operations.iter().map(|operation| (operation.endpoint(), operation)).collect();
        for wanted in &theirs.operations {
            let location = Location::operation(wanted.label(), wanted.secured);
            match known.get(&wanted.endpoint()) {
                Some(operation) => self.operation(operation, wanted, &location),
                None => self.one_sided(Kind::MissingOperation, &location, &wanted.endpoint()),
            }
        }
        for operation in &ours.operations {
            let endpoint = operation.endpoint();
            if !theirs.operations.iter().any(|wanted| wanted.endpoint() == endpoint) {
                let location = Location::operation(operation.label(), operation.secured);
                self.one_sided(Kind::ExtraOperation, &location, &endpoint);
            }
        }
    }

    fn operation(&mut self, ours: &Operation<'a>, theirs: &Operation<'a>, location: &Location) {
        if let Some(id) = theirs.id
            && ours.id != Some(id)
        {
            self.differs(
                Kind::OperationId,
                location,
                "",
                ours.id.unwrap_or("none").to_owned(),
                id.to_owned(),
            );
        }
        self.flag(ours.secured, theirs.secured, [Kind::ExtraToken, Kind::MissingToken], location);
        self.flag(
            ours.deprecated,
            theirs.deprecated,
            [Kind::ExtraDeprecation, Kind::MissingDeprecation],
            location,
        );
        self.parameters(ours, theirs, location);
        self.request(ours, theirs, location);
        self.responses(ours, theirs, location);
    }

    /// Compares a flag. `kinds` are the kinds of the difference if only ours is set, and if only the other is
    /// set.
    pub(super) fn flag(&mut self, ours: bool, theirs: bool, kinds: [Kind; 2], location: &Location) {
        if ours != theirs {
            self.one_sided(kinds[usize::from(theirs)], location, "");
        }
    }

    fn parameters(&mut self, ours: &Operation<'a>, theirs: &Operation<'a>, location: &Location) {
        let (have, want) = (&ours.parameters, &theirs.parameters);
        for (sent_in, name) in only_in(want.keys(), have.keys()) {
            self.one_sided(Kind::MissingParameter, location, &format!("{sent_in} {name}"));
        }
        for (sent_in, name) in only_in(have.keys(), want.keys()) {
            self.one_sided(Kind::ExtraParameter, location, &format!("{sent_in} {name}"));
        }
        for (key, want) in want {
            let Some(have) = have.get(key) else { continue };
            let (sent_in, name) = key;
            let side = if *sent_in == "path" { Side::Path } else { Side::Request };
            let location = location.part(&format!("{sent_in} {name}"), side);
            self.flag(have.required, want.required, [Kind::Required, Kind::Optional], &location);
            match (&have.value, &want.value) {
                (ParameterValue::Schema(have), ParameterValue::Schema(want)) => {
                    self.schemas(have, want, location);
                }
                (ParameterValue::Content(have), ParameterValue::Content(want)) => {
                    self.content(have, want, &location);
                }
                (have, want) => {
                    self.differs(Kind::ParameterForm, &location, "", form(have), form(want));
                }
            }
        }
    }

    fn request(&mut self, ours: &Operation<'a>, theirs: &Operation<'a>, location: &Location) {
        match (&ours.request, &theirs.request) {
            (None, None) => {}
            (None, Some(_)) => self.one_sided(Kind::MissingRequestBody, location, ""),
            (Some(_), None) => self.one_sided(Kind::ExtraRequestBody, location, ""),
            (Some(have), Some(want)) => {
                let location = location.part("request", Side::Request);
                self.flag(have.required, want.required, [Kind::Required, Kind::Optional], &location);
                self.content(&have.content, &want.content, &location);
            }
        }
    }

    fn responses(&mut self, ours: &Operation<'a>, theirs: &Operation<'a>, location: &Location) {
        let (have, want) = (&ours.responses, &theirs.responses);
        for status in only_in(want.keys(), have.keys()) {
            self.one_sided(Kind::MissingResponse, location, status);
        }
        for status in only_in(have.keys(), want.keys()) {
            self.one_sided(Kind::ExtraResponse, location, status);
        }
        for (status, want) in want {
            let Some(have) = have.get(status) else { continue };
            let location = location.part(status, Side::Response);
            let list = |content: &super::super::model::Content<'_>| {
                content.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
            };
            match (have.is_empty(), want.is_empty()) {
                (true, false) => self.differs(Kind::MissingBody, &location, "", String::new(), list(want)),
                (false, true) => self.differs(Kind::ExtraBody, &location, "", list(have), String::new()),
                _ => self.content(have, want, &location),
            }
        }
    }
}

fn form(value: &ParameterValue<'_>) -> String {
    match value {
        ParameterValue::Schema(_) => "plain".to_owned(),
        ParameterValue::Content(content) => {
            format!("serialized as {}", content.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
        }
    }
}
