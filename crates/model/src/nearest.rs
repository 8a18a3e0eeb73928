//! Did you mean ...? The known name that is nearest to one that is not known.

/// A longer name is no slip of the finger, and comparing two such takes the product of their lengths.
const LONGEST: usize = 200;

/// The name among those that are known that is nearest to `name`, if it is near: at most a third of its letters differ.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    if length > LONGEST {
        return None;
    }
    let distance = |candidate: &str| strsim::osa_distance(&wanted, &candidate.to_lowercase());
    // No two names are nearer to each other than their lengths are.
    let near = |candidate: &str| candidate.chars().take(2 * LONGEST).count().abs_diff(length) * 3 <= length;
    let candidates = known.into_iter().filter(|known| *known != name && near(known));
    let (distance, candidate) = candidates.map(|known| (distance(known), known)).min()?;
    (distance * 3 <= length).then_some(candidate)
}

/// `; did you mean `x`?`, or nothing: the end of a sentence about a name that is not known.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["concurrency", "client_id", "url"];
        assert_eq!(nearest("consurrency", known), Some("concurrency"));
        assert_eq!(nearest("cleint_id", known), Some("client_id"));
        assert_eq!(nearest("Concurrency", known), Some("concurrency"));
        assert_eq!(nearest("journal", known), None);
        assert_eq!(nearest("ulr", known), Some("url"));
    }

    #[test]
    fn names_without_end_are_not_compared() {
        let (one, other) = ("a".repeat(1_000_000), "ab".repeat(1_000_000));
        assert_eq!(nearest(&one, [other.as_str()]), None);
        assert_eq!(nearest("url", [other.as_str()]), None);
    }
}
