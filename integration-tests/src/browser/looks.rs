//! How the browser shows pages: screen, zoom, colours, script or none; and photographs of them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Browser;
use crate::machine::target_folder;

/// A screen a page may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// 1280 by 900.
    Desktop,
    /// 390 by 844, touch.
    Phone,
    /// A desktop at 400 % zoom: 320 pixels of CSS across (WCAG 1.4.10).
    Zoomed,
}

/// The colours the person prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Browser {
    /// Shows pages on this screen from now on.
    pub async fn use_screen(&self, screen: Screen) -> Result<()> {
        let (width, height, scale, mobile) = match screen {
            Screen::Desktop => (1280, 900, 1, false),
            Screen::Phone => (390, 844, 2, true),
            Screen::Zoomed => (320, 225, 4, false),
        };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        Ok(())
    }

    /// Prefers these colours from now on.
    pub async fn prefer(&self, look: Look) -> Result<()> {
        let value = match look {
            Look::Light => "light",
            Look::Dark => "dark",
        };
        // Without motion: a picture, or a judgement of contrast, must not meet a colour half way.
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": value },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]});
        self.devtools("Emulation.setEmulatedMedia", features)
            .await?;
        Ok(())
    }

    /// Switches JavaScript off for every page from now on.
    pub async fn switch_script_off(&self) -> Result<()> {
        self.devtools(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": true }),
        )
        .await?;
        Ok(())
    }

    /// By how many pixels the page is wider than the screen; 0 is what a reader wants.
    pub async fn overflow(&self) -> Result<i64> {
        let expression =
            "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth";
        self.evaluate(expression)
            .await?
            .as_i64()
            .context("no width")
    }

    /// Nothing to say of the page on a phone, and on a desk; pictures of both.
    pub async fn must_look_well(&self, name: &str) -> Result<()> {
        self.prefer(Look::Light).await?;
        for (screen, picture) in [
            (Screen::Phone, format!("{name}-phone")),
            (Screen::Desktop, name.to_owned()),
        ] {
            self.use_screen(screen).await?;
            let accessible = self.must_be_accessible().await;
            accessible.with_context(|| name.to_owned())?;
            let over = self.overflow().await?;
            ensure!(over <= 0, "{name} is {over} pixels too wide on {screen:?}");
            self.photograph(&picture).await?;
        }
        Ok(())
    }

    /// A picture of the whole page, in `<target>/pages/<name>.png`.
    pub async fn photograph(&self, name: &str) -> Result<PathBuf> {
        let answer = self
            .devtools(
                "Page.captureScreenshot",
                json!({ "format": "png", "captureBeyondViewport": true }),
            )
            .await?;
        let picture = STANDARD.decode(answer["data"].as_str().context("no picture")?)?;
        let path = target_folder()?
            .join("pages")
            .join(name)
            .with_extension("png");
        fs::create_dir_all(path.parent().context("no folder")?)?;
        fs::write(&path, picture)?;
        Ok(path)
    }
}
