//! An application that is down: who waits, who asks, who fails, and with what.

use futures::future::join_all;

use super::*;
use crate::Courtesy;
use crate::http::Fault;
use model::problem::Pause;

/// An authority whose every call is a log-in.
struct EachCall;

#[async_trait]
impl Authority for EachCall {
    async fn sign(&self, _: &Http, _: &Request, _: Entry) -> Result<HeaderValue, Problem> {
        Ok(HeaderValue::from_static("OAuth"))
    }

    async fn refused(&self, _: &HeaderValue) {}

    fn logs_in_with_each_call(&self) -> bool {
        true
    }
}

const PROBE: &str = "GET /probe";

fn down() -> Act {
    Act::Answer(503, vec![("content-type", "text/html".into())], "<html>back soon</html>".into())
}

/// A sender to a server that is down for the first `seconds`, one request at a time.
async fn closed_for(seconds: u64, act: fn() -> Act) -> (Http, Server, Arc<Jumping>) {
    let clock = Arc::new(Jumping::default());
    let its = Arc::clone(&clock);
    let server = Server::start(move |_, _| if its.jumped() < seconds * 1000 { act() } else { answer(200, "{}") }).await;
    let limits = Limits { concurrency: 1, timeout_seconds: 1 };
    let base = Url::parse(&server.url).unwrap();
    let clocked = Arc::clone(&clock) as Arc<dyn Clock>;
    let mut http = Http::new(VENDOR, &base, &limits, clocked, Arc::new(Counting::default())).unwrap();
    let mut probe = request_to(&server.url, Effect::Read);
    probe.method = Method::GET;
    probe.url = base.join("/probe").unwrap();
    http.ask_with(probe);
    (http, server, clock)
}

async fn ten(http: &Http, server: &Server, effect: Effect) -> Vec<Answer<Reply>> {
    let request = request_to(&server.url, effect);
    let sent = join_all((0..10).map(|_| http.send(&request, &Key))).await;
    sent.into_iter().map(|outcome| verdict(outcome, |reply| (VENDOR.classify)("c", reply))).collect()
}

fn accepted(answers: &[Answer<Reply>]) -> usize {
    answers.iter().filter(|answer| matches!(answer, Answer::Accepted(_))).count()
}

#[tokio::test]
async fn reads_wait_while_the_application_is_down_and_go_on_by_themselves() {
    let (http, server, clock) = closed_for(90, down).await;
    assert_eq!(accepted(&ten(&http, &server, Effect::Read).await), 10);
    assert_eq!(server.count("POST /thing/7"), 3 + 10);
    assert!(server.count(PROBE) > 3 && clock.jumped() < 200_000, "{} {}", server.count(PROBE), clock.jumped());
    let pauses = http.pauses();
    let [Pause { since, until: Some(until), problem }] = &pauses[..] else { panic!("{pauses:?}") };
    assert_eq!(problem.cause, Cause::Maintenance);
    assert!(until.duration_since(*since) >= SignedDuration::from_secs(60));
}

#[tokio::test]
async fn a_write_that_met_the_maintenance_page_is_unknown_and_one_that_was_not_sent_waits() {
    let (http, server, _) = closed_for(30, down).await;
    let answers = ten(&http, &server, Effect::Write).await;
    let unknown = answers.iter().filter(|answer| matches!(answer, Answer::Unknown(_))).count();
    assert_eq!((unknown, accepted(&answers)), (3, 7));
    assert_eq!(server.count("POST"), 10);
}

#[tokio::test]
async fn what_has_waited_enough_was_certainly_not_done_and_what_comes_later_fails_at_once() {
    let (mut http, server, clock) = closed_for(100_000, down).await;
    http.set_courtesy(Courtesy { patience_seconds: 120, ..Courtesy::default() });
    let answers = ten(&http, &server, Effect::Write).await;
    let not_done = |answer: &Answer<Reply>| matches!(answer, Answer::NotDone(told) if told.cause == Cause::Maintenance);
    assert_eq!(answers.iter().filter(|answer| not_done(answer)).count(), 7);
    assert!(clock.jumped() >= 120_000 && clock.jumped() < 125_000);
    let (asked, waited) = (server.count(PROBE), clock.jumped());
    assert!(ten(&http, &server, Effect::Write).await.iter().all(not_done));
    assert_eq!((server.count(PROBE), clock.jumped(), server.count("POST")), (asked, waited, 3));
    assert_eq!(http.pauses().len(), 1);
    assert!(http.pauses()[0].until.is_none());
}

#[tokio::test]
async fn a_later_request_asks_and_opens_the_gate() {
    let (mut http, server, clock) = closed_for(200, down).await;
    http.set_courtesy(Courtesy { patience_seconds: 10, ..Courtesy::default() });
    assert_eq!(accepted(&ten(&http, &server, Effect::Write).await), 0);
    clock.wait(200_000).await;
    assert_eq!(accepted(&ten(&http, &server, Effect::Write).await), 10);
    assert!(http.pauses()[0].until.is_some());
}

#[tokio::test]
async fn whoever_is_in_a_hurry_does_not_wait() {
    let (http, server, clock) = closed_for(100_000, down).await;
    let request = request_to(&server.url, Effect::Read);
    assert!(http.send_hurried(&request, &Key).await.is_err());
    assert!(clock.jumped() < 10_000, "{}", clock.jumped());
}

#[tokio::test]
async fn an_error_now_and_then_closes_nothing() {
    let server = Server::start(|_, before| if before % 3 == 2 { answer(200, "{}") } else { down() }).await;
    let http = http(&server.url, &Arc::default());
    for _ in 0..6 {
        assert!(http.send(&request_to(&server.url, Effect::Read), &Key).await.is_ok_and(|reply| reply.status == 200));
    }
    assert!(http.pauses().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_pauses_the_application_until_patience_is_at_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let clock = Arc::new(Jumping::default());
    let http = http(&url, &clock);
    let outcome = http.send(&request_to(&url, Effect::Write), &Key).await;
    let Err(Fault::NotSent(problem)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(problem.cause, Cause::Firewall);
    assert!(!http.pauses().is_empty());
}

#[tokio::test]
async fn an_application_that_refuses_every_call_is_left_alone_until_it_lets_us_in_again() {
    let (http, server, clock) = closed_for(60, || answer(403, "{}")).await;
    let answers = ten(&http, &server, Effect::Write).await;
    // Five were refused; the others were not sent before the harmless read was answered.
    assert_eq!((accepted(&answers), server.count("POST")), (5, 10));
    assert!(clock.jumped() >= 60_000 && server.count(PROBE) > 3);
    let pauses = http.pauses();
    let [Pause { until: Some(_), problem, .. }] = &pauses[..] else { panic!("{pauses:?}") };
    assert_eq!(problem.cause, Cause::Permission);
}

#[tokio::test]
async fn a_refusal_of_one_object_pauses_nothing_however_often_it_comes_and_is_seldom_asked_about() {
    let clock = Arc::new(Jumping::default());
    let server = Server::start(|seen, _| answer(if seen.line.starts_with(PROBE) { 200 } else { 403 }, "{}")).await;
    let mut http = http(&server.url, &clock);
    let mut probe = request_to(&server.url, Effect::Read);
    (probe.method, probe.url) = (Method::GET, Url::parse(&server.url).unwrap().join("/probe").unwrap());
    http.ask_with(probe);
    for _ in 0..100 {
        let outcome = http.send(&request_to(&server.url, Effect::Write), &Key).await;
        assert!(matches!(outcome, Ok(reply) if reply.status == 403));
    }
    assert_eq!((http.pauses(), server.count(PROBE), clock.jumped()), (vec![], 4, 0));
}

#[tokio::test]
async fn a_token_that_is_refused_when_it_is_new_pauses_the_application_until_it_is_taken() {
    let (http, server, _) = closed_for(60, || answer(401, "{}")).await;
    assert_eq!(accepted(&ten(&http, &server, Effect::Write).await), 10);
    assert_eq!(http.pauses().len(), 1);
    assert_eq!(http.pauses()[0].problem.cause, Cause::Authentication);
}

#[tokio::test]
async fn a_wrong_signature_is_sent_twice_and_no_more_however_many_calls_there_are() {
    let server = Server::start(|_, _| answer(401, "{}")).await;
    let clock = Arc::new(Jumping::default());
    let http = http(&server.url, &clock);
    let request = request_to(&server.url, Effect::Write);
    let outcomes = join_all((0..20).map(|_| http.send(&request, &EachCall))).await;
    for outcome in outcomes {
        let answer = verdict(outcome, |reply| (VENDOR.classify)("c", reply));
        assert!(matches!(answer, Answer::NotDone(problem) if problem.cause == Cause::Authentication));
    }
    assert_eq!(server.seen().len(), 2);
    assert!(clock.jumped() < 5_000);
}

#[tokio::test]
async fn one_bad_answer_to_a_signature_is_no_wrong_secret() {
    let server = Server::start(|_, before| if before == 0 { answer(401, "{}") } else { answer(200, "{}") }).await;
    let http = http(&server.url, &Arc::default());
    let request = request_to(&server.url, Effect::Write);
    let outcomes = join_all((0..5).map(|_| http.send(&request, &EachCall))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(reply) if reply.status == 200)));
    assert!(http.pauses().is_empty());
}
