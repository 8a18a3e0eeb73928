//! What an application says of its limits, and what becomes of the requests.

use model::problem::Retry;

use super::*;
use crate::http::Fault;

fn telling(headers: &[(&'static str, &str)]) -> Act {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Act::Answer(200, headers, "{}".into())
}

async fn sends(http: &Http, server: &Server, times: usize) {
    for _ in 0..times {
        assert!(http.send(&request_to(&server.url, Effect::Write), &Key).await.is_ok());
    }
}

#[tokio::test]
async fn a_refusal_for_too_many_calls_halves_the_window_and_good_answers_widen_it() {
    let server = Server::start(|_, before| if before == 0 { answer(429, "{}") } else { answer(200, "{}") }).await;
    let http = http(&server.url, &Arc::default());
    assert_eq!(http.slots.size(), 4);
    sends(&http, &server, 1).await;
    assert_eq!(http.slots.size(), 2);
    sends(&http, &server, 10).await;
    assert_eq!(http.slots.size(), 4);
}

#[tokio::test]
async fn the_window_shrinks_when_little_is_left_for_others() {
    let limits = |left| vec![("concurrency-limit-limit", "40"), ("concurrency-limit-remaining", left)];
    let server = Server::start(move |_, before| telling(&limits(if before == 0 { "8" } else { "7" }))).await;
    let http = http(&server.url, &Arc::default());
    sends(&http, &server, 1).await;
    assert_eq!(http.slots.size(), 4);
    sends(&http, &server, 1).await;
    assert_eq!(http.slots.size(), 2);
}

#[tokio::test]
async fn of_what_the_application_grants_a_share_is_left_to_others() {
    let limits = [("concurrency-limit-limit", "4"), ("concurrency-limit-remaining", "3")];
    let server = Server::start(move |_, _| telling(&limits)).await;
    let mut http = http(&server.url, &Arc::default());
    sends(&http, &server, 20).await;
    assert_eq!(http.slots.size(), 3);
    http.set_courtesy(crate::Courtesy { reserve_percent: 0, ..crate::Courtesy::default() });
    sends(&http, &server, 20).await;
    assert_eq!(http.slots.size(), 4);
}

#[tokio::test]
async fn a_limit_that_is_told_with_400_repeats_a_read_and_no_write() {
    let told = || answer(400, r#"{"code":"SSS_REQUEST_LIMIT_EXCEEDED"}"#);
    for (effect, times) in [(Effect::Read, 2), (Effect::Write, 1)] {
        let server = Server::start(move |_, before| if before == 0 { told() } else { answer(200, "{}") }).await;
        let mut http = http(&server.url, &Arc::default());
        http.vendor.classify = |call, _| Problem::new("test", call, Cause::ApiLimit, "too many");
        assert!(http.send(&request_to(&server.url, effect), &Key).await.is_ok());
        assert_eq!((server.seen().len(), http.slots.size() < 4), (times, true));
    }
}

#[tokio::test]
async fn when_only_the_share_of_others_is_left_requests_wait_until_the_count_begins_anew() {
    let spent = [("ratelimit-limit", "50000, 50000;w=60"), ("ratelimit-remaining", "9000"), ("ratelimit-reset", "40")];
    let server = Server::start(move |_, before| if before == 0 { telling(&spent) } else { answer(200, "{}") }).await;
    let clock = Arc::new(Jumping::default());
    let http = http(&server.url, &clock);
    sends(&http, &server, 1).await;
    assert_eq!(clock.jumped(), 0);
    sends(&http, &server, 3).await;
    assert_eq!(clock.jumped(), 40_000);
}

#[tokio::test]
async fn a_count_that_begins_anew_much_later_fails_the_request_unsent_and_says_when() {
    let spent = [("ratelimit-limit", "2250000"), ("ratelimit-remaining", "399"), ("ratelimit-reset", "1200")];
    let server = Server::start(move |_, _| telling(&spent)).await;
    let http = http(&server.url, &Arc::default());
    sends(&http, &server, 1).await;
    let outcome = http.send(&request_to(&server.url, Effect::Write), &Key).await;
    let Err(Fault::NotSent(problem)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(problem.cause, Cause::ApiLimit);
    assert!(problem.remedy.contains("2026-11-21T10:20:00Z"), "{}", problem.remedy);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_and_its_size_told() {
    let server = Server::start(|_, _| answer(200, "x".repeat(5000))).await;
    let mut http = http(&server.url, &Arc::default());
    http.largest_answer = 4000;
    for effect in [Effect::Read, Effect::Write] {
        let outcome = http.send(&request_to(&server.url, effect), &Key).await;
        let Err(Fault::Lost(problem)) = outcome else { panic!("{outcome:?}") };
        assert!(problem.words.contains("larger than 4000 bytes"), "{problem}");
    }
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_page_of_html_under_a_status_of_200_is_no_success() {
    let page = || Act::Answer(200, vec![("content-type", "text/html".into())], "<h1>Sorry</h1>".into());
    let (outcome, server, _) = sent(Effect::Write, move |_, _| page()).await;
    assert!(matches!(outcome, Answer::Unknown(_)), "{outcome:?}");
    assert_eq!(server.seen().len(), 1);
    let (outcome, server, _) =
        sent(Effect::Read, move |_, before| if before == 0 { page() } else { answer(200, "{}") }).await;
    assert!(matches!(outcome, Answer::Accepted(_)), "{outcome:?}");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_wait_that_the_application_asks_for_stands_in_the_problem() {
    let server = Server::start(|_, _| Act::Answer(429, vec![("retry-after", "600".into())], "{}".into())).await;
    let http = http(&server.url, &Arc::default());
    let request = request_to(&server.url, Effect::Write);
    let reply = http.send(&request, &Key).await.unwrap();
    assert_eq!(http.told(&request, &reply).retry(), Retry::After { seconds: 600 });
}
