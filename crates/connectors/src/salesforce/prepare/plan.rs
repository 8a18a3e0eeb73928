//! The difference between what is wanted and what the org has.

use std::fmt;

use model::problem::Problem;

use super::sight::{Grant, Sight};
use super::wanted::{WantedField, WantedObject};
use super::{PERMISSION_SET, Role, Wanted, is_own, is_packaged};
use crate::salesforce::Salesforce;
use crate::salesforce::describe::Described;

/// Something that is done to the org. Each may be done again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A custom object is made.
    Object {
        /// Its name.
        name: String,
    },
    /// A custom field is made.
    Field {
        /// The object that gets it.
        object: String,
        /// Its name.
        name: String,
        /// What it is for.
        role: Role,
    },
    /// The permission set is made.
    PermissionSet,
    /// The permission set grants rights on an object, or on a field of it.
    Grant {
        /// The object.
        object: String,
        /// The field; `None`: the object itself.
        field: Option<String>,
        /// Whether records are made.
        create: bool,
        /// Whether it is written, and not only read.
        edit: bool,
        /// The id of the row that grants less so far.
        instead_of: Option<String>,
    },
    /// The permission set is assigned to the integration user.
    Assign {
        /// The user's id.
        user: String,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object { name } => write!(formatter, "make the object {name}"),
            Self::Field { object, name, role } => write!(formatter, "make the field {object}.{name}: {}", role.told()),
            Self::PermissionSet => write!(formatter, "make the permission set {PERMISSION_SET}"),
            Self::Grant { object, field: Some(field), edit, .. } => {
                write!(formatter, "grant {object}.{field}: {}", if *edit { "read, edit" } else { "read" })
            }
            Self::Grant { object, create, edit, .. } => {
                let rights = [("read", true), ("create", *create), ("edit", *edit)];
                let rights: Vec<&str> = rights.iter().filter(|(_, has)| *has).map(|(right, _)| *right).collect();
                write!(formatter, "grant {object}: {}", rights.join(", "))
            }
            Self::Assign { user } => write!(formatter, "assign the permission set to the integration user {user}"),
        }
    }
}

/// What stands in the way, and is not ours to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The object, and the field if it is one.
    pub of: String,
    /// What is the matter.
    pub matter: String,
    /// What to do about it.
    pub remedy: String,
}

/// What is to be done, and what stands in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// What only a person can mend.
    pub obstacles: Vec<Obstacle>,
    /// The permission set, if it is there.
    pub(super) set: Option<String>,
}

impl Salesforce {
    /// Reads what the org has, and tells what there is to do. Nothing is written.
    pub async fn plan(&self, wanted: &Wanted) -> Result<Plan, Problem> {
        Ok(Plan::of(wanted, &self.sight(wanted).await?))
    }
}

impl Plan {
    pub(super) fn of(wanted: &Wanted, sight: &Sight) -> Self {
        let mut maker = Maker { sight, made: Vec::new(), granted: Vec::new(), obstacles: Vec::new() };
        for (name, object) in &wanted.objects {
            maker.object(name, object);
        }
        let Maker { made, granted, obstacles, .. } = maker;
        let (objects, fields): (Vec<Step>, Vec<Step>) =
            made.into_iter().partition(|step| matches!(step, Step::Object { .. }));
        let (of_fields, of_objects): (Vec<Step>, Vec<Step>) =
            granted.into_iter().partition(|step| matches!(step, Step::Grant { field: Some(_), .. }));
        let set = sight.set.is_none().then_some(Step::PermissionSet);
        let assign = (!sight.assigned).then(|| Step::Assign { user: sight.user.clone() });
        let steps = objects.into_iter().chain(fields).chain(set).chain(of_objects).chain(of_fields).chain(assign);
        Self { steps: steps.collect(), obstacles, set: sight.set.clone() }
    }
}

struct Maker<'a> {
    sight: &'a Sight,
    made: Vec<Step>,
    granted: Vec<Step>,
    obstacles: Vec<Obstacle>,
}

impl Maker<'_> {
    fn object(&mut self, name: &str, wanted: &WantedObject) {
        let described = self.sight.described.get(name).cloned();
        let (granted, step) = self.grant(name, None, wanted.creates, wanted.edits);
        if described.is_none() && !self.sight.has_object(name) {
            match () {
                () if wanted.ours => self.made.push(Step::Object { name: name.to_owned() }),
                () if is_packaged(name) => {
                    let remedy = "Install Nue's package in this org; or say under [names] what it is called here.";
                    return self.obstacle(name, "is not there: it belongs to a package", remedy);
                }
                () if is_own(name) => {
                    let remedy = "Make it, or correct its name in the flow file or under [names].";
                    return self.obstacle(name, "is not there, and is not ours to make", remedy);
                }
                // A standard object that a profile hides cannot be told from one that is switched off.
                () if granted => {
                    let remedy = "Switch it on in Setup (Orders, for one, are off at first).";
                    return self.obstacle(name, "is not there, though it is granted", remedy);
                }
                () => {}
            }
        }
        self.granted.extend(step);
        for (field, used) in &wanted.fields {
            self.field(name, field, *used, described.as_deref());
        }
    }

    fn field(&mut self, object: &str, name: &str, used: WantedField, described: Option<&Described>) {
        let full = format!("{object}.{name}");
        let (granted, step) = self.grant(object, Some(name), false, used.written);
        let Some(field) = described.and_then(|described| described.field(name)) else {
            match used.role {
                _ if self.sight.has_field(object, name) && granted => {
                    let remedy = "Look in Setup what hides it from the integration user.";
                    return self.obstacle(&full, "is there and granted, and yet not shown", remedy);
                }
                _ if self.sight.has_field(object, name) => {}
                Some(role) => {
                    self.made.push(Step::Field { object: object.to_owned(), name: name.to_owned(), role });
                }
                None if is_packaged(name) => {
                    let remedy = "Upgrade Nue's package; or say under [names] what it is called here.";
                    return self.obstacle(&full, "is not there: it belongs to a package", remedy);
                }
                None if is_own(name) => {
                    let remedy = "Make it, or correct its name in the flow file or under [names].";
                    return self.obstacle(&full, "is not there, and its type is not ours to guess", remedy);
                }
                None if name == "CurrencyIsoCode" => {
                    let remedy = "Activate multiple currencies in the org, or leave the field out of the flow.";
                    return self.obstacle(&full, "is not there: the org has one currency", remedy);
                }
                None if granted => {
                    let remedy = "Correct its name in the flow file.";
                    return self.obstacle(&full, "is not there, or cannot be granted", remedy);
                }
                None => {}
            }
            return self.granted.extend(step);
        };
        if let Some(misfit) = used.role.and_then(|role| Some((role, role.misfit(field)?))) {
            let (role, misfit) = misfit;
            let remedy = format!(
                "It is left as it is. Make it {} yourself if nobody else uses it, or name another field under [names].",
                role.told()
            );
            return self.obstacle(&full, &misfit, &remedy);
        }
        if field.permissionable {
            self.granted.extend(step);
        }
    }

    /// Whether the permission set grants so much already; the step that does, if it does not.
    fn grant(&self, object: &str, field: Option<&str>, create: bool, edit: bool) -> (bool, Option<Step>) {
        let name = field.map_or_else(|| object.to_owned(), |field| format!("{object}.{field}"));
        let held = self.sight.grants.get(&name.to_lowercase());
        let enough = |held: &Grant| held.read && (held.create || !create) && (held.edit || !edit);
        if held.is_some_and(enough) {
            return (self.sight.assigned, None);
        }
        let step = Step::Grant {
            object: object.to_owned(),
            field: field.map(str::to_owned),
            create: create || held.is_some_and(|held| held.create),
            edit: edit || held.is_some_and(|held| held.edit),
            instead_of: held.map(|held| held.id.clone()),
        };
        (false, Some(step))
    }

    fn obstacle(&mut self, of: &str, matter: &str, remedy: &str) {
        let (of, matter, remedy) = (of.to_owned(), matter.to_owned(), remedy.to_owned());
        self.obstacles.push(Obstacle { of, matter, remedy });
    }
}
