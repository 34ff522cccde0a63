use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::types::PluginMetadata;

/// A type of request that a plugin answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Handles {
    /// Requests of clients.
    Http,
    /// Requests to the plugin's own key-value store. Without it the host keeps the data.
    Kv,
}

/// How the panel keeps the plugin's page apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Isolation {
    /// The page runs in a frame without an origin, where it cannot act as who has it open.
    Iframe,
}

/// What a plugin says of itself: the output of `--metadata`, and the page that it brings along.
///
/// ```
/// use toru_plugin_api::Manifest;
///
/// let manifest = Manifest::new("acme", "Acme", "1.0.0", "🧪", "/acme").description("Sells anvils.").license("MIT");
/// assert_eq!(manifest.route, "/acme");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// Letters, digits and hyphens, 1 to 64, the first no hyphen.
    pub id: String,
    /// What people see: 1 to 100 characters.
    pub name: String,
    /// 1 to 64 characters.
    pub version: String,
    /// An emoji, the name of an icon such as `hard-drive`, or a `data:image/` URI of at most 32 KiB.
    pub icon: String,
    /// `/` and one segment, such as `/acme`.
    pub route: String,
    /// Who made it.
    pub author: Option<String>,
    /// What it is good for.
    pub description: Option<String>,
    /// Where to read more.
    pub homepage: Option<String>,
    /// An SPDX expression, such as `MIT`.
    pub license: Option<String>,
    /// How its page is kept apart. Nothing: it is a script of the panel.
    pub isolation: Option<Isolation>,
    /// The types of request that it answers: [`Handles::Http`] where nothing is said.
    pub handles: Vec<Handles>,
    /// The script of its page in the panel, answered to `GET /bundle.js`. It is no part of the output of `--metadata`.
    pub bundle: Option<&'static str>,
}

impl Manifest {
    /// A manifest of what is required.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        version: impl Into<String>,
        icon: impl Into<String>,
        route: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            version: version.into(),
            icon: icon.into(),
            route: route.into(),
            author: None,
            description: None,
            homepage: None,
            license: None,
            isolation: None,
            handles: vec![Handles::Http],
            bundle: None,
        }
    }

    /// Says who made it.
    #[must_use]
    pub fn author(mut self, author: impl Into<String>) -> Self {
        self.author = Some(author.into());
        self
    }

    /// Says what it is good for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Says where to read more.
    #[must_use]
    pub fn homepage(mut self, homepage: impl Into<String>) -> Self {
        self.homepage = Some(homepage.into());
        self
    }

    /// Says under which licence it is.
    #[must_use]
    pub fn license(mut self, license: impl Into<String>) -> Self {
        self.license = Some(license.into());
        self
    }

    /// Says how its page is kept apart.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Says which types of request it answers, in place of HTTP alone.
    #[must_use]
    pub fn handles(mut self, handles: impl Into<Vec<Handles>>) -> Self {
        self.handles = handles.into();
        self
    }

    /// Gives it a page in the panel: the text of the script, from `include_str!`.
    #[must_use]
    pub fn bundle(mut self, bundle: &'static str) -> Self {
        self.bundle = Some(bundle);
        self
    }
}

impl From<PluginMetadata> for Manifest {
    fn from(metadata: PluginMetadata) -> Self {
        let PluginMetadata { id, name, version, author, icon, route } = metadata;
        Self { author, ..Self::new(id, name, version, icon, route) }
    }
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Manifest", 12)?;
        fields.serialize_field("id", &self.id)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field("version", &self.version)?;
        fields.serialize_field("icon", &self.icon)?;
        fields.serialize_field("route", &self.route)?;
        let optional = [
            ("author", &self.author),
            ("description", &self.description),
            ("homepage", &self.homepage),
            ("license", &self.license),
        ];
        for (name, value) in optional {
            match value {
                Some(text) => fields.serialize_field(name, text)?,
                None => fields.skip_field(name)?,
            }
        }
        match &self.isolation {
            Some(isolation) => fields.serialize_field("isolation", isolation)?,
            None => fields.skip_field("isolation")?,
        }
        fields.serialize_field("protocol", &2)?;
        fields.serialize_field("handles", &self.handles)?;
        fields.end()
    }
}
