//! Objects and fields that come and go while the org lives. Their places are fixed, so that rows stay as they are: an org
//! that lacks what a sync adds has a free place for each field of it, and one for the object.

use super::{Field, Object, SYSTEM_FIELDS, Schema};

impl Schema {
    /// Takes out what a sync adds to an org.
    pub(in crate::salesforce) fn strip(&mut self) {
        for object in &mut self.objects {
            object.absent = object.ours;
            for field in object.fields.iter_mut().filter(|field| field.ours) {
                field.absent = true;
            }
        }
    }

    /// Gives an object a field, if there is a free place; gives its position.
    pub(in crate::salesforce) fn add_field(&mut self, object: usize, field: Field) -> Option<usize> {
        let object = &mut self.objects[object];
        let free = |held: &Field| held.ours && held.absent;
        let own = |held: &Field| free(held) && held.name.eq_ignore_ascii_case(&field.name);
        let place = object.fields.iter().position(own).or_else(|| object.fields.iter().position(free))?;
        let before = object.fields[place].name.to_ascii_lowercase();
        object.by_name.remove(&before);
        object.by_name.insert(field.name.to_ascii_lowercase(), place);
        object.fields[place] = Field { ours: true, needs_grant: true, ..field };
        Some(place)
    }

    /// Adds an object that has but a name, if there is a free place; gives its position.
    pub(in crate::salesforce) fn add_object(
        &mut self,
        name: &str,
        label: &str,
        plural: &str,
        named: Field,
    ) -> Option<usize> {
        let place = self.objects.iter().position(|object| object.ours && object.absent)?;
        let object = &mut self.objects[place];
        self.by_name.remove(&object.name.to_ascii_lowercase());
        self.by_name.insert(name.to_ascii_lowercase(), place);
        (object.name, object.label, object.plural) = (name.to_owned(), label.to_owned(), plural.to_owned());
        (object.absent, object.needs_grant) = (false, true);
        let own = object.fields.iter().position(|field| field.name_field)?;
        object.fields[own] = named;
        Some(place)
    }
}

impl Object {
    /// The fields that an administrator has made or could have: neither the vendor's own nor of every record.
    pub(in crate::salesforce) fn custom_fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        let all = self.fields.iter().enumerate().skip(SYSTEM_FIELDS.len());
        all.filter(|(_, field)| field.is_custom() && !field.absent)
    }
}
