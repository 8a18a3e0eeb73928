//! What a flow asks beside fields that are there: where a rule's value comes from, and which records must be in sync before.

use super::Flow;
use crate::rule::Rule;

impl Flow {
    /// The object of the source and its field at the end of a path that a rule reads.
    pub fn read_by<'a>(&'a self, path: &'a str) -> (&'a str, &'a str) {
        let (relation, field) = self.owner_of(path);
        let related = self.all_relations().into_iter().find(|(name, _)| name == relation);
        (related.map_or(self.source.object.as_str(), |(_, related)| related.object.as_str()), field)
    }

    /// The objects that must be in sync before: those of the relations by which rules name parents, and the field that
    /// tells that they are.
    pub fn parents(&self) -> Vec<(&str, &str)> {
        let lines = self.destination.lines.iter().flat_map(|lines| {
            let prefix = lines.from.as_ref().map(|from| format!("{from}.")).unwrap_or_default();
            lines.fields.values().filter_map(move |rule| Some(format!("{prefix}{}", rule.parent_relation()?)))
        });
        let own = self.destination.fields.values().filter_map(Rule::parent_relation).map(str::to_owned);
        let named: Vec<String> = own.chain(lines).collect();
        let all = self.all_relations();
        let parent = |name: &String| {
            let (_, relation) = all.iter().find(|(known, _)| known == name)?;
            Some((relation.object.as_str(), relation.id.as_deref()?))
        };
        let mut parents: Vec<(&str, &str)> = named.iter().filter_map(parent).collect();
        parents.sort_unstable();
        parents.dedup();
        parents
    }
}
