//! `prepare salesforce`: what the flows need of the org is shown, and then made.

use connectors::salesforce::{Plan, Salesforce, Step, Wanted};
use model::ports::Clock;
use model::problem::{Answer, Problem};
use serde_json::{Value, json};

use crate::applications::Applications;
use crate::cli::{Prepare, Prepared};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::{Code, Failure};
use crate::flows;

/// After each round the org is looked at again: what a lost answer had done is found to be there, and what hangs on
/// something else may be done now. A round without any progress is the last.
const ROUNDS: usize = 5;

pub(crate) async fn prepare(options: &Prepare) -> Result<Code, Failure> {
    let Prepared::Salesforce = options.application;
    let config = Config::read(&options.configured.config)?;
    let applications = Applications::new(&config)?;
    let Some(salesforce) = &applications.salesforce else {
        return Err(Failure::wrong(format!("{}: there is no [salesforce]", options.configured.config.display())));
    };
    let today = jiff::tz::TimeZone::UTC.to_datetime(SystemClock.now()).date();
    let flows = flows::read(&config, today)?;
    let marks = config.nue.as_ref().map(|_| ("nue", &applications.mark_fields));
    let wanted = Wanted::of(&flows, marks);
    let mut told = Told { json: options.configured.json, dry: options.dry_run, steps: Vec::new() };
    let plan = salesforce.plan(&wanted).await?;
    told.plan(&plan);
    let left =
        if options.dry_run || plan.steps.is_empty() { plan } else { told.done(salesforce, &wanted, plan).await? };
    told.end(&left)
}

/// What a person, or a program, is told.
struct Told {
    json: bool,
    dry: bool,
    steps: Vec<Value>,
}

impl Told {
    fn plan(&self, plan: &Plan) {
        if self.json {
            return;
        }
        if plan.steps.is_empty() {
            println!("salesforce: nothing to do");
        } else {
            println!("salesforce: what there is to do{}", if self.dry { " (nothing is written)" } else { "" });
        }
        for step in &plan.steps {
            println!("  {step}");
        }
    }

    /// Does the steps; gives what is left.
    async fn done(&mut self, salesforce: &Salesforce, wanted: &Wanted, first: Plan) -> Result<Plan, Failure> {
        if !self.json {
            println!("salesforce: doing it");
        }
        let mut plan = first;
        for _ in 0..ROUNDS {
            let (mut progress, mut grants) = (false, 0);
            salesforce
                .prepare(&plan, |step, answer| {
                    progress |= matches!(answer, Answer::Accepted(()) | Answer::Unknown(_));
                    grants += usize::from(matches!((step, answer), (Step::Grant { .. }, Answer::Accepted(()))));
                    self.step(step, answer);
                })
                .await;
            if grants > 0 && !self.json {
                println!("  done: {grants} rights granted");
            }
            plan = salesforce.plan(wanted).await?;
            if plan.steps.is_empty() || !progress {
                break;
            }
        }
        Ok(plan)
    }

    fn step(&mut self, step: &Step, answer: &Answer<()>) {
        let problem = answer.problem();
        if self.json {
            let mut told = json!({ "step": step.to_string(), "done": problem.is_none() });
            if let Some(problem) = problem {
                told["problem"] = json!(problem.to_string());
                told["next"] = json!(problem.remedy);
            }
            return self.steps.push(told);
        }
        match problem {
            None if matches!(step, Step::Grant { .. }) => {}
            None => println!("  done: {step}"),
            Some(problem) => println!("  {}: {step}\n{}", ended(answer), because(problem)),
        }
    }

    fn end(self, left: &Plan) -> Result<Code, Failure> {
        let ready = left.steps.is_empty() && left.obstacles.is_empty();
        let code = if ready || self.dry && left.obstacles.is_empty() { Code::Done } else { Code::Failed };
        if self.json {
            let obstacles = left.obstacles.iter();
            let obstacles: Vec<Value> = obstacles
                .map(|found| json!({ "of": found.of, "matter": found.matter, "next": found.remedy }))
                .collect();
            let left: Vec<String> = left.steps.iter().map(Step::to_string).collect();
            let told = json!({
                "dry_run": self.dry, "ready": ready, "done": self.steps, "to_do": left, "obstacles": obstacles,
            });
            println!("{told}");
            return Ok(code);
        }
        for obstacle in &left.obstacles {
            println!("  in the way: {} {}\n      next: {}", obstacle.of, obstacle.matter, obstacle.remedy);
        }
        match (self.dry, ready) {
            (_, true) => println!("salesforce: the org has all that the flows need"),
            (true, false) => {}
            (false, false) => println!(
                "salesforce: the org does not have all that the flows need\n  next: mend what is told above, then run this \
                 again: it goes on where it ended"
            ),
        }
        Ok(code)
    }
}

fn ended(answer: &Answer<()>) -> &'static str {
    match answer {
        Answer::Accepted(()) => "done",
        Answer::Refused(_) => "refused",
        Answer::Unknown(_) => "not known",
        Answer::NotDone(_) => "not done",
    }
}

fn because(problem: &Problem) -> String {
    format!("      {problem}\n      next: {}", problem.remedy)
}
