//! Did you mean ...? The known name that is nearest to one that is not known.

/// The name among those that are known that is nearest to `name`, if it is near: at most a third of its letters differ.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let distance = |candidate: &str| strsim::osa_distance(&wanted, &candidate.to_lowercase());
    let (distance, candidate) =
        known.into_iter().filter(|known| *known != name).map(|known| (distance(known), known)).min()?;
    (distance * 3 <= wanted.chars().count()).then_some(candidate)
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
}
