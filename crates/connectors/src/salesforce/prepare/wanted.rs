//! What the flows and the mark fields ask of the org. There is no second list: a flow that is added, or a name that is
//! another in this org, changes what is wanted.

use std::collections::BTreeMap;

use model::flow::Flow;

use super::{Role, is_own};
use crate::nue::MarkFields;
use crate::salesforce::APPLICATION;

/// Objects and fields, and what is done with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub(super) objects: BTreeMap<String, WantedObject>,
}

/// An object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WantedObject {
    /// Whether it is made where it is missing.
    pub(super) ours: bool,
    pub(super) creates: bool,
    pub(super) edits: bool,
    pub(super) fields: BTreeMap<String, WantedField>,
}

/// A field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct WantedField {
    /// What it is for, if it is ours.
    pub(super) role: Option<Role>,
    pub(super) written: bool,
}

impl Wanted {
    /// What some flows want. `marks`: the application whose marks stand in this org, and where.
    pub fn of(flows: &[Flow], marks: Option<(&str, &MarkFields)>) -> Self {
        let mut wanted = Self::default();
        for flow in flows {
            if flow.source.application == APPLICATION {
                wanted.source(flow);
            }
            if let Some((_, fields)) = marks.filter(|(application, _)| *application == flow.source.application) {
                wanted.marks(flow, fields);
            }
            if flow.destination.application == APPLICATION {
                wanted.destination(flow);
            }
        }
        let roles = roles(flows, marks.map(|(_, fields)| fields));
        for object in wanted.objects.values_mut() {
            for (name, field) in &mut object.fields {
                field.role = roles.get(name).copied().filter(|_| is_own(name));
            }
        }
        wanted
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    fn object(&mut self, name: &str) -> &mut WantedObject {
        self.objects.entry(name.to_owned()).or_default()
    }

    fn source(&mut self, flow: &Flow) {
        for (object, uses) in flow.field_uses() {
            let object = self.object(&object);
            for used in uses {
                object.edits |= used.written;
                object.field(&used.field, used.written);
            }
        }
    }

    fn marks(&mut self, flow: &Flow, fields: &MarkFields) {
        let object = self.object(&fields.object);
        (object.ours, object.creates, object.edits) = (is_own(&fields.object), true, true);
        let marks = &flow.source.marks;
        let names = [Some(&marks.status), Some(&marks.id), Some(&marks.date), marks.transferred.as_ref()];
        let names = names.into_iter().flatten().map(|name| name.as_str());
        for name in names.chain([fields.key.as_str(), fields.id.as_str()]) {
            object.field(name, true);
        }
    }

    fn destination(&mut self, flow: &Flow) {
        let side = &flow.destination;
        let object = self.object(&side.object);
        (object.creates, object.edits) = (true, true);
        for name in side.fields.keys().map(|name| name.as_str()).chain(side.fingerprint.as_deref()) {
            object.field(name, true);
        }
        if let Some(key) = &side.source_id {
            object.field(key, true);
        }
        let counted =
            |column: &str| column.strip_prefix("count(").and_then(|rest| rest.strip_suffix(')')).map(str::to_owned);
        for column in flow.equal.iter().map(|equal| equal.column.as_str()) {
            match counted(column) {
                Some(child) => _ = self.object(&child),
                None => self.object(&side.object).field(column, false),
            }
        }
        for lines in &side.lines {
            let object = self.object(&lines.into);
            (object.creates, object.edits) = (true, true);
            for name in lines.fields.keys().map(|name| name.as_str()).chain(side.source_id.as_deref()) {
                object.field(name, true);
            }
        }
        for (object, field) in flow.lists().into_iter().filter_map(|list| list.split_once('.')) {
            self.object(object).field(field, false);
        }
    }
}

impl WantedObject {
    /// Ways to other records are asked for at those.
    fn field(&mut self, name: &str, written: bool) {
        if !name.contains('.') {
            self.fields.entry(name.to_owned()).or_default().written |= written;
        }
    }
}

/// What the names of our fields stand for.
fn roles(flows: &[Flow], marks: Option<&MarkFields>) -> BTreeMap<String, Role> {
    let mut roles = BTreeMap::new();
    for flow in flows {
        let marks = &flow.source.marks;
        for (name, role) in [(&marks.status, Role::Status), (&marks.id, Role::Id), (&marks.date, Role::Date)] {
            roles.insert(name.to_string(), role);
        }
        roles.extend(marks.transferred.iter().map(|name| (name.to_string(), Role::Flag)));
        if flow.destination.application == APPLICATION {
            roles.extend(flow.destination.fingerprint.iter().map(|name| (name.clone(), Role::Fingerprint)));
            roles.extend(flow.destination.source_id.iter().map(|name| (name.clone(), Role::Key)));
        }
    }
    if let Some(marks) = marks {
        roles.insert(marks.id.clone(), Role::Id);
        roles.insert(marks.key.clone(), Role::Key);
    }
    roles
}
