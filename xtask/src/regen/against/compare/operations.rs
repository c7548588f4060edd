//! Operations: matched by method and path, then compared part by part.

use std::collections::BTreeMap;

use super::{
    super::{
        difference::{Kind, Place, Side},
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
            let place = Place::operation(wanted.label(), wanted.secured);
            match known.get(&wanted.endpoint()) {
                Some(operation) => self.operation(operation, wanted, &place),
                None => self.one_sided(Kind::MissingOperation, &place, &wanted.endpoint()),
            }
        }
        for operation in &ours.operations {
            let endpoint = operation.endpoint();
            if !theirs.operations.iter().any(|wanted| wanted.endpoint() == endpoint) {
                let place = Place::operation(operation.label(), operation.secured);
                self.one_sided(Kind::ExtraOperation, &place, &endpoint);
            }
        }
    }

    fn operation(&mut self, ours: &Operation<'a>, theirs: &Operation<'a>, place: &Place) {
        if let Some(id) = theirs.id
            && ours.id != Some(id)
        {
            self.differs(Kind::OperationId, place, "", ours.id.unwrap_or("none").to_owned(), id.to_owned());
        }
        self.flag(ours.secured, theirs.secured, [Kind::ExtraToken, Kind::MissingToken], place);
        self.flag(
            ours.deprecated,
            theirs.deprecated,
            [Kind::ExtraDeprecation, Kind::MissingDeprecation],
            place,
        );
        self.parameters(ours, theirs, place);
        self.request(ours, theirs, place);
        self.responses(ours, theirs, place);
    }

    /// Compares what is either so or not. `kinds` are what it is called if only ours, or only the other, is so.
    pub(super) fn flag(&mut self, ours: bool, theirs: bool, kinds: [Kind; 2], place: &Place) {
        if ours != theirs {
            self.one_sided(kinds[usize::from(theirs)], place, "");
        }
    }

    fn parameters(&mut self, ours: &Operation<'a>, theirs: &Operation<'a>, place: &Place) {
        let (have, want) = (&ours.parameters, &theirs.parameters);
        for (location, name) in only_in(want.keys(), have.keys()) {
            self.one_sided(Kind::MissingParameter, place, &format!("{location} {name}"));
        }
        for (location, name) in only_in(have.keys(), want.keys()) {
            self.one_sided(Kind::ExtraParameter, place, &format!("{location} {name}"));
        }
        for (key, want) in want {
            let Some(have) = have.get(key) else { continue };
            let (location, name) = key;
            let side = if *location == "path" { Side::Path } else { Side::Request };
            let place = place.part(&format!("{location} {name}"), side);
            self.flag(have.required, want.required, [Kind::Required, Kind::Optional], &place);
            match (&have.value, &want.value) {
                (ParameterValue::Schema(have), ParameterValue::Schema(want)) => {
                    self.schemas(have, want, place);
                }
                (ParameterValue::Content(have), ParameterValue::Content(want)) => {
                    self.content(have, want, &place);
                }
                (have, want) => {
                    self.differs(Kind::ParameterForm, &place, "", form(have), form(want));
                }
            }
        }
    }

    fn request(&mut self, ours: &Operation<'a>, theirs: &Operation<'a>, place: &Place) {
        match (&ours.request, &theirs.request) {
            (None, None) => {}
            (None, Some(_)) => self.one_sided(Kind::MissingRequestBody, place, ""),
            (Some(_), None) => self.one_sided(Kind::ExtraRequestBody, place, ""),
            (Some(have), Some(want)) => {
                let place = place.part("request", Side::Request);
                self.flag(have.required, want.required, [Kind::Required, Kind::Optional], &place);
                self.content(&have.content, &want.content, &place);
            }
        }
    }

    fn responses(&mut self, ours: &Operation<'a>, theirs: &Operation<'a>, place: &Place) {
        let (have, want) = (&ours.responses, &theirs.responses);
        for status in only_in(want.keys(), have.keys()) {
            self.one_sided(Kind::MissingResponse, place, status);
        }
        for status in only_in(have.keys(), want.keys()) {
            self.one_sided(Kind::ExtraResponse, place, status);
        }
        for (status, want) in want {
            let Some(have) = have.get(status) else { continue };
            let place = place.part(status, Side::Response);
            let list = |content: &super::super::model::Content<'_>| {
                content.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
            };
            match (have.is_empty(), want.is_empty()) {
                (true, false) => self.differs(Kind::MissingBody, &place, "", String::new(), list(want)),
                (false, true) => self.differs(Kind::ExtraBody, &place, "", list(have), String::new()),
                _ => self.content(have, want, &place),
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
