//! Is this node well? Asked by orchestrators every few seconds and by `guichet doctor` in depth.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;

/// One thing that must hold, and how to find out.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    probe: Arc<dyn Fn() -> Probe + Send + Sync>,
}

/// What a check does; the error says in words what is wrong and, where it can, what to do.
type Probe = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

impl Check {
    /// A check called `name`, such as `durable store`.
    pub fn new<F>(name: &'static str, probe: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self {
            name,
            probe: Arc::new(move || Box::pin(probe())),
        }
    }

    /// What it checks.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What was checked.
    pub check: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// What is wrong, in words; nothing when it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What all checks found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Whether all hold.
    pub ok: bool,
    /// Each, in order.
    pub checks: Vec<Verdict>,
    /// What to look at though all hold.
    pub warnings: Vec<Verdict>,
}

impl Health {
    /// Runs every check, one after the other: they are few and each is bounded by its own timeout.
    pub async fn of(checks: &[Check]) -> Self {
        let mut verdicts = Vec::with_capacity(checks.len());
        for check in checks {
            let problem = (check.probe)().await.err();
            verdicts.push(Verdict {
                check: check.name,
                ok: problem.is_none(),
                problem,
            });
        }
        Self {
            ok: verdicts.iter().all(|verdict| verdict.ok),
            checks: verdicts,
            warnings: Vec::new(),
        }
    }

    /// The same, with a warning for each of `watched` that does not hold: the node serves all the same.
    pub(crate) async fn warned_of(self, watched: &[Check]) -> Self {
        let verdicts = Self::of(watched).await.checks;
        Self {
            warnings: verdicts.into_iter().filter(|it| !it.ok).collect(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_check_that_fails_makes_the_node_unwell() {
        let checks = [
            Check::new("well", || async { Ok(()) }),
            Check::new("unwell", || async { Err("the disk is full".to_owned()) }),
        ];
        let health = Health::of(&checks).await;
        assert!(!health.ok);
        assert!(health.checks[0].ok);
        assert_eq!(
            health.checks[1].problem.as_deref(),
            Some("the disk is full")
        );
        assert!(Health::of(&checks[..1]).await.ok);
    }

    #[tokio::test]
    async fn what_is_only_watched_warns_by_name_and_leaves_the_node_well() {
        let well = [Check::new("well", || async { Ok(()) })];
        let watched = [
            Check::new("provider-keys", || async { Err("postale".to_owned()) }),
            Check::new("disk", || async { Ok(()) }),
        ];
        let health = Health::of(&well).await.warned_of(&watched).await;
        assert!(health.ok, "{health:?}");
        let [warning] = &health.warnings[..] else {
            panic!("{health:?}");
        };
        assert_eq!(warning.check, "provider-keys");
        assert_eq!(warning.problem.as_deref(), Some("postale"));
        let calm = Health::of(&well).await.warned_of(&watched[1..]).await;
        assert_eq!(calm.warnings, []);
    }
}
