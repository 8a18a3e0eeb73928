//! A server that dies, and comes back.

mod postgres {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use journal::{Filter, Journal, Place};
    use model::outcome::Outcome;
    use model::ports::Log;
    use tokio::sync::Semaphore;

    use crate::server::{PASSWORD, Server};
    use crate::{at, end};

    const BATCH: u64 = 20;

    async fn opened(server: &Server) -> Journal {
        Journal::open(Place::read(&server.address()).unwrap()).await.unwrap()
    }

    /// Appends as many batches as are granted; counts those that are begun.
    async fn write_on(journal: Arc<Journal>, granted: Arc<Semaphore>, begun: Arc<AtomicU64>) {
        while let Ok(permit) = granted.acquire().await {
            permit.forget();
            let batch = begun.fetch_add(1, Ordering::SeqCst);
            journal.append((0..BATCH).map(|_| end(&batch.to_string(), Outcome::Created, None)).collect()).await;
        }
    }

    async fn until(begun: &AtomicU64, enough: u64) {
        while begun.load(Ordering::SeqCst) < enough {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_that_is_killed_again_and_again_loses_at_most_the_batch_in_flight_and_nothing_stands_twice() {
        const KILLS: u64 = 5;
        let mut server = Server::start();
        let journal = Arc::new(opened(&server).await);
        let run = journal.begin_run(at(1), "run").await.unwrap();
        let (granted, begun) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicU64::new(0)));
        let writer = tokio::spawn(write_on(journal.clone(), granted.clone(), begun.clone()));
        for kill in 0..KILLS {
            granted.add_permits(60);
            until(&begun, 60 * kill + 20 + kill).await;
            server.kill();
            until(&begun, 60 * (kill + 1)).await;
            server.restart();
        }
        granted.add_permits(1);
        until(&begun, 60 * KILLS + 1).await;
        granted.close();
        writer.await.unwrap();
        journal.finish_run(at(2), "{}").await.unwrap();
        let mut lines = BTreeMap::<String, u64>::new();
        for line in opened(&server).await.log(&Filter { run: Some(run), ..Filter::default() }).await.unwrap() {
            *lines.entry(line.source_id).or_default() += 1;
        }
        assert!(lines.values().all(|count| *count == BATCH), "a batch is there in part, or twice: {lines:?}");
        let lost = begun.load(Ordering::SeqCst) - lines.len() as u64;
        assert!(lost <= KILLS, "{lost} batches were lost by {KILLS} kills");
        assert!(opened(&server).await.runs(1).await.unwrap()[0].ended.is_some());
    }

    #[tokio::test]
    async fn what_is_said_while_the_server_is_away_is_written_when_it_is_back() {
        let mut server = Server::start();
        let journal = opened(&server).await;
        let run = journal.begin_run(at(1), "run").await.unwrap();
        server.kill();
        for id in ["1", "2", "3"] {
            journal.append(vec![end(id, Outcome::Created, None)]).await;
        }
        assert!(journal.finish_run(at(2), "{}").await.is_err());
        server.restart();
        journal.finish_run(at(2), "{}").await.unwrap();
        let lines = journal.log(&Filter { run: Some(run), ..Filter::default() }).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.source_id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    }

    #[tokio::test]
    async fn what_waits_for_a_server_that_stays_away_is_bounded_and_the_newest_is_kept() {
        let mut server = Server::start();
        let journal = opened(&server).await;
        server.kill();
        for id in 0..25 {
            let id = id.to_string();
            journal.append((0..1_000).map(|_| end(&id, Outcome::Created, None)).collect()).await;
        }
        server.restart();
        journal.append(vec![end("25", Outcome::Created, None)]).await;
        let lines = journal.log(&Filter::default()).await.unwrap();
        let mut kept: Vec<&str> = lines.iter().map(|line| line.source_id.as_str()).collect();
        kept.dedup();
        assert_eq!(kept.first(), Some(&"6"));
        assert_eq!(kept.last(), Some(&"25"));
        assert_eq!(lines.len(), 19_001);
    }

    #[tokio::test]
    async fn a_password_is_never_shown() {
        let server = Server::start();
        let wrong = server.address().replace(PASSWORD, "wrong-sesame");
        let place = Place::read(&wrong).unwrap();
        let refused = Journal::open(place.clone()).await.err().unwrap();
        assert!(refused.to_string().contains("password authentication failed"), "{refused}");
        let mut shown = vec![format!("{place} {place:?} {refused} {refused:?}")];
        for address in [
            wrong.replace("postgres://", "postgre://"),
            wrong.replace("postgres://", "postgres//"),
            wrong.replace("postgres://", ""),
            wrong.replace("127.0.0.1:", "127.0.0.1:x"),
            format!("{wrong}?pasword=wrong-sesame"),
            wrong.replace("wrong-", "wrong-?="),
        ] {
            shown.push(Place::read(&address).map(|place| panic!("{place}")).unwrap_err());
        }
        assert!(shown.iter().all(|text| !text.contains("sesame")), "{shown:#?}");
    }
}
