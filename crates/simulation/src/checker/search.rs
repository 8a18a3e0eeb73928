//! Looks for a moment in which a promise does not hold: everywhere that the bounds allow.
//!
//! The promises about every moment are stateright's to check, breadth first, so that the way it finds is a shortest one.
//! The promise about the end is not: its `eventually` overlooks circles, and a record that is passed over and over again
//! goes in one. So the graph is built here, and walked backwards from the ends: a moment from which no calm way leads
//! to an end is one in which the record is stuck.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

use stateright::{Checker, HasDiscoveries, Model};

use crate::checker::act::Action;
use crate::checker::promises::{ALWAYS, ENDS, ended};
use crate::checker::state::State;
use crate::checker::words::told;
use crate::checker::world::World;

/// What a search gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// Different moments that were seen.
    pub states: usize,
    /// The promise that does not hold, and the shortest way to where it does not.
    pub broken: Option<(&'static str, Vec<String>)>,
}

/// Searches a world for a breach of any promise.
pub fn search(world: World) -> Searched {
    let checker = world.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let broken = ALWAYS.into_iter().find(|(name, _)| checker.discovery(name).is_some());
    let Some((name, holds)) = broken else { return search_for_the_end(world) };
    // Stateright goes on for a while after its first discovery, and keeps the last: the shortest way is looked for here.
    let graph = Graph::of(&world, |state| !holds(&world, state));
    let way = graph.way_to(&world, graph.came_by.len() - 1);
    Searched { states: graph.came_by.len(), broken: Some((name, way)) }
}

/// Searches a world for a moment from which the record cannot come to its end any more.
pub fn search_for_the_end(world: World) -> Searched {
    let graph = Graph::of(&world, |_| false);
    let broken = graph.first_stuck().map(|at| (ENDS, graph.way_to(&world, at)));
    Searched { states: graph.came_by.len(), broken }
}

/// How many moments stateright sees, in a world in which no promise is broken.
pub fn seen_by_stateright(world: World) -> usize {
    world.checker().spawn_bfs().join().unique_state_count()
}

/// The moments of a world, and how each was come by.
struct Graph {
    /// The moment before, and what happened then; the first moment has none.
    came_by: Vec<Option<(usize, Action)>>,
    /// Which moments calmly lead here.
    calmly_from: Vec<Vec<u32>>,
    /// The moments in which the record has come to its end.
    ends: Vec<usize>,
}

impl Graph {
    /// All moments, the nearest first, or those up to the first that is wanted.
    fn of(world: &World, wanted: impl Fn(&State) -> bool) -> Self {
        let first = State::first(world);
        let mut graph = Self { came_by: vec![None], calmly_from: vec![Vec::new()], ends: Vec::new() };
        let mut known = HashMap::from([(both_halves(&first), 0)]);
        let mut pending = std::collections::VecDeque::from([(0, first)]);
        while let Some((at, state)) = pending.pop_front() {
            if ended(world, &state) {
                graph.ends.push(at);
            }
            for (action, after) in world.next_steps(&state) {
                let to = match known.entry(both_halves(&after)) {
                    Entry::Occupied(held) => *held.get(),
                    Entry::Vacant(free) => {
                        let to = graph.came_by.len();
                        free.insert(to);
                        graph.came_by.push(Some((at, action)));
                        graph.calmly_from.push(Vec::new());
                        if wanted(&after) {
                            return graph;
                        }
                        pending.push_back((to, after));
                        to
                    }
                };
                if action.is_calm() {
                    graph.calmly_from[to].extend(u32::try_from(at));
                }
            }
        }
        graph
    }

    /// The first moment from which no calm way leads to an end.
    fn first_stuck(&self) -> Option<usize> {
        let mut leads_there = vec![false; self.came_by.len()];
        let mut pending = self.ends.clone();
        while let Some(at) = pending.pop() {
            if !std::mem::replace(&mut leads_there[at], true) {
                pending.extend(self.calmly_from[at].iter().filter_map(|from| usize::try_from(*from).ok()));
            }
        }
        leads_there.iter().position(|leads| !leads)
    }

    fn way_to(&self, world: &World, at: usize) -> Vec<String> {
        let mut actions: Vec<Action> = Vec::new();
        let mut at = at;
        while let Some((before, action)) = self.came_by[at] {
            actions.push(action);
            at = before;
        }
        actions.reverse();
        told(world, &actions)
    }
}

/// A moment as 128 bits, so that millions of them fit into memory.
fn both_halves(state: &State) -> (u64, u64) {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, state).hash(&mut hasher);
        hasher.finish()
    };
    (half(0), half(1))
}
