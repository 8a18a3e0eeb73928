use serde_json::json;

use super::*;
use crate::clock::ManualClock;

fn faults(json: &str) -> Faults {
    timed(json).0
}

fn timed(json: &str) -> (Faults, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let faults = Faults::new(Arc::clone(&clock) as _);
    faults.set(parse(json).unwrap());
    (faults, clock)
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
    assert_eq!((verdict.slow, verdict.mark.row_error, verdict.drop_answer), (12, true, true));
}

#[test]
fn every_kth_matching_call_is_struck_and_no_more_than_so_many_times() {
    let faults = faults(r#"[{"kind":"refuse","every":3,"times":2}]"#);
    let struck: Vec<_> = (1..=12).filter(|_| faults.judge("GET", "/", "/").refuse).collect();
    assert_eq!(struck.len(), 2);
    let told = &faults.list()[0];
    assert_eq!((&told["seen"], &told["struck"]), (&json!(12), &json!(2)));
}

#[test]
fn a_schedule_runs_by_the_clock_and_counts_only_the_calls_within_it() {
    let (faults, clock) = timed(r#"[{"kind":"500","from":2000,"until":"4000","nth":1}]"#);
    let struck = || faults.judge("GET", "/", "/").failure.is_some();
    assert!(!struck());
    clock.advance(2);
    assert_eq!(faults.list()[0]["in_force"], true);
    assert!(struck());
    clock.advance(2);
    assert_eq!(faults.list()[0]["in_force"], false);
    assert!(!struck());
    assert_eq!(faults.list()[0]["seen"], 1);
    faults.set(parse(r#"[{"kind":"500","until":1000}]"#).unwrap());
    assert!(struck());
}

#[test]
fn the_rules_are_told_in_their_order_with_what_they_were_given() {
    let faults = faults(
        r#"[{"kind":"commit late","ms":5,"percent":12.5,"seed":7},{"kind":"error after save","status":500,"method":"put","path":"/a","every":2,"times":3,"from":1}]"#,
    );
    assert_eq!(
        faults.list(),
        [
            json!({ "kind": "late", "ms": 5, "percent": 12.5, "seed": 7, "in_force": true, "seen": 0, "struck": 0 }),
            json!({ "kind": "error_after_save", "status": 500, "method": "PUT", "path": "/a", "every": 2, "times": 3, "from": 1, "in_force": false, "seen": 0, "struck": 0 }),
        ]
    );
}

#[test]
fn of_several_failures_the_first_is_answered_with_its_own_time_to_wait() {
    let verdict = faults(r#"[{"kind":"429","ms":1500},{"kind":"503","ms":9000}]"#).judge("GET", "/", "/");
    assert_eq!((verdict.failure, verdict.retry_after), (Some(Failure::TooManyRequests), Some(2)));
    let verdict = faults(r#"[{"kind":"401","ms":1500}]"#).judge("GET", "/", "/");
    assert_eq!((verdict.failure, verdict.retry_after), (Some(Failure::Unauthorized), None));
}

#[test]
fn a_malformed_rule_is_refused_with_its_reason() {
    let wrong = [
        ("{}", "must be a JSON list"),
        (r#"[{"method":"GET"}]"#, "`kind` is missing"),
        (r#"[{"kind":"explode"}]"#, "unknown kind `explode`"),
        (r#"[{"kind":"500","nth":0}]"#, "counts from 1"),
        (r#"[{"kind":"500","nth":1,"percent":5}]"#, "not several"),
        (r#"[{"kind":"500","every":0}]"#, "counts from 1"),
        (r#"[{"kind":"500","from":9,"until":9}]"#, "must come after"),
        (r#"[{"kind":"500","status":500}]"#, "takes no `status`"),
        (r#"[{"kind":"lag"}]"#, "needs `ms`"),
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
