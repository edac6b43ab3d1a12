//! The keyboard alone: from stop to stop, with a ring that shows where one is.

use anyhow::{Result, bail, ensure};
use thirtyfour::prelude::Key;

use super::{Browser, DOCUMENT};
use crate::wait;

/// No page has more stops than this before the control one wants.
const MOST_STOPS: usize = 60;

/// Whether a ring is seen around what has the focus.
const RING: &str = "(() => { const at = document.activeElement; if (at === document.body) return true; \
    const style = getComputedStyle(at); \
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 })()";

impl Browser {
    /// Strikes one key.
    pub async fn strike(&self, key: Key) -> Result<()> {
        self.type_keys(String::from(key.value())).await
    }

    /// Strikes one key and waits for the page it leads to.
    pub async fn strike_and_leave(&self, key: Key) -> Result<()> {
        let before = self.evaluate(DOCUMENT).await?;
        self.strike(key).await?;
        self.leave(&before).await
    }

    /// Presses Tab until the control of that `id` has the focus, which must be seen at every stop.
    pub async fn tab_to(&self, id: &str) -> Result<()> {
        for _ in 0..MOST_STOPS {
            if self.focus_is(&format!("id === '{id}'")).await? {
                return Ok(());
            }
            self.strike(Key::Tab).await?;
            let at = "document.activeElement.outerHTML.slice(0, 120)";
            ensure!(
                self.evaluate(RING).await? == true,
                "no ring of focus on {}",
                self.evaluate(at).await?
            );
        }
        bail!("#{id} cannot be reached with the keyboard")
    }

    /// Whether what has the focus is so: an expression about a member of that element.
    pub async fn focus_is(&self, is: &str) -> Result<bool> {
        let answer = self
            .evaluate(&format!("document.activeElement.{is}"))
            .await?;
        Ok(answer == true)
    }

    /// Waits until a page that begins with this address is there, complete.
    pub async fn until_there(&self, address: &str) -> Result<()> {
        self.until_at(address, |url| url.starts_with(address))
            .await?;
        wait::until("the page to be there", async || {
            let ready = self.evaluate("document.readyState").await.ok()?;
            (ready == "complete").then_some(())
        })
        .await
    }
}
