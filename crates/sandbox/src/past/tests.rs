use super::*;

/// Texts under numbers.
#[derive(Default)]
struct Notes {
    notes: HashMap<u8, &'static str>,
    past: Past<u8, &'static str>,
}

impl Versioned for Notes {
    type Key = u8;
    type Version = &'static str;

    fn past(&self) -> &Past<u8, &'static str> {
        &self.past
    }

    fn past_mut(&mut self) -> &mut Past<u8, &'static str> {
        &mut self.past
    }

    fn exchange(&mut self, key: u8, version: Option<&'static str>) -> Option<&'static str> {
        match version {
            Some(version) => self.notes.insert(key, version),
            None => self.notes.remove(&key),
        }
    }
}

impl Notes {
    fn put(&mut self, key: u8, note: &'static str) {
        let notes = &self.notes;
        self.past.remember(key, || notes.get(&key).copied());
        self.notes.insert(key, note);
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn write(store: &RwLock<Notes>, lag: Option<u64>, second: i64, note: &'static str) {
    Writing::open(store, Mark { lag, ..Mark::default() }, at(second)).put(1, note);
}

fn found(store: &RwLock<Notes>, second: i64) -> Option<&'static str> {
    Searching::open(store, at(second)).notes.get(&1).copied()
}

fn read(store: &RwLock<Notes>) -> Option<&'static str> {
    store.read().unwrap().notes.get(&1).copied()
}

#[test]
fn a_search_sees_each_write_when_its_own_lag_is_over() {
    let store = RwLock::new(Notes::default());
    write(&store, Some(5000), 0, "first");
    write(&store, Some(5000), 3, "second");
    assert_eq!((found(&store, 4), read(&store)), (None, Some("second")));
    assert_eq!((found(&store, 5), read(&store)), (Some("first"), Some("second")));
    assert_eq!((found(&store, 8), read(&store)), (Some("second"), Some("second")));
}

#[test]
fn a_write_that_is_seen_sooner_takes_the_hidden_ones_along() {
    let store = RwLock::new(Notes::default());
    write(&store, Some(9000), 0, "first");
    write(&store, Some(1000), 1, "second");
    assert_eq!(found(&store, 2), Some("second"));
    write(&store, Some(9000), 2, "third");
    write(&store, None, 3, "fourth");
    assert_eq!(found(&store, 3), Some("fourth"));
}

#[test]
fn a_write_that_is_to_come_to_nothing_is_taken_back_in_reverse() {
    let store = RwLock::new(Notes::default());
    write(&store, None, 0, "kept");
    let mut writing = Writing::open(&store, Mark { forget: true, ..Mark::default() }, at(1));
    writing.put(1, "lost");
    writing.put(1, "lost again");
    writing.put(2, "new");
    writing.take_back();
    writing.put(3, "after");
    drop(writing);
    let held = store.read().unwrap();
    assert_eq!((held.notes.get(&1), held.notes.get(&2), held.notes.get(&3)), (Some(&"kept"), None, Some(&"after")));
}

#[test]
fn a_search_that_panics_leaves_the_records_as_they_are() {
    let store = RwLock::new(Notes::default());
    write(&store, Some(1000), 0, "hidden");
    let search = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _search = Searching::open(&store, at(0));
        panic!("the search fails");
    }));
    assert!(search.is_err());
    assert_eq!(store.read().unwrap_or_else(PoisonError::into_inner).notes.get(&1), Some(&"hidden"));
}
