use super::*;

fn faults(json: &str) -> Faults {
    let faults = Faults::default();
    faults.set(parse(json).unwrap());
    faults
}

#[test]
fn a_rule_without_conditions_strikes_every_call() {
    let faults = faults(r#"[{"kind":"503"}]"#);
    assert_eq!(faults.judge("GET", "/a", "/a").failure, Some(Failure::Unavailable));
    assert_eq!(faults.judge("POST", "/b/c", "/b/{id}").failure, Some(Failure::Unavailable));
}

#[test]
fn the_nth_matching_call_and_no_other_is_struck() {
    let faults = faults(r#"[{"kind":"Drop-After Commit","method":"post","path":"/v1/{any}/update","nth":"2"}]"#);
    let post = || faults.judge("POST", "/v1/action/update", "/v1/action/update").drop_answer;
    assert!(!post());
    assert!(!faults.judge("GET", "/v1/action/update", "/v1/action/update").drop_answer);
    assert!(post());
    assert!(!post());
}

#[test]
fn a_chance_is_the_same_for_the_same_seed_and_about_as_large_as_said() {
    let run = || {
        let faults = faults(r#"[{"kind":429,"percent":12.5,"seed":7}]"#);
        (0..4000).map(|_| faults.judge("GET", "/", "/").failure.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
    let struck = run().into_iter().filter(|struck| *struck).count();
    assert!((400..600).contains(&struck), "{struck}");
}

#[test]
fn a_path_matches_by_segments() {
    assert!(matches("/a/*/c", "/a/b/c"));
    assert!(matches("/a/{id}", "/a/b"));
    assert!(matches("/a/**", "/a/b/c/d"));
    assert!(matches("/a/**", "/a"));
    assert!(!matches("/a/*", "/a/b/c"));
    assert!(!matches("/a/b", "/a"));
}

#[test]
fn several_rules_add_up() {
    let faults = faults(r#"[{"kind":"slow","ms":5},{"kind":"slow","ms":"7"},{"kind":"row error"},{"kind":"drop"}]"#);
    let verdict = faults.judge("PUT", "/x", "/x");
    assert_eq!((verdict.slow, verdict.row_error, verdict.drop_answer), (12, true, true));
}

#[test]
fn a_malformed_rule_is_refused_with_its_reason() {
    let wrong = [
        ("{}", "must be a JSON list"),
        (r#"[{"method":"GET"}]"#, "`kind` is missing"),
        (r#"[{"kind":"explode"}]"#, "unknown kind `explode`"),
        (r#"[{"kind":"500","nth":0}]"#, "counts from 1"),
        (r#"[{"kind":"500","nth":1,"percent":5}]"#, "not both"),
        (r#"[{"kind":"500","percent":101}]"#, "from 0 to 100"),
        (r#"[{"kind":"500","pth":"/"}]"#, "unknown key `pth`"),
        (r#"[{"kind":"slow"}]"#, "needs `ms`"),
        (r#"[{"kind":"slow","ms":1.5}]"#, "whole number"),
    ];
    for (json, reason) in wrong {
        let error = parse(json).unwrap_err();
        assert!(error.contains(reason), "{json}: {error}");
    }
}
