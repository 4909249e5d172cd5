//! Tells Zed how to start the `optafly` program, which does all the work; nothing is downloaded here.

use std::collections::{BTreeMap, HashMap};

use zed_extension_api::{
    self as zed,
    serde_json::{json, Value},
    settings::{CommandSettings, ContextServerSettings, LspSettings},
    Command, ContextServerConfiguration, ContextServerId, EnvVars, LanguageServerId, Project,
    Result, Worktree,
};

const PROGRAM: &str = "optafly";
const UVX: &str = "uvx";
/// The server of this very version, so that both sides of a setting or command always agree.
const REQUIREMENT: &str = concat!("optafly==", env!("CARGO_PKG_VERSION"));
const NOT_FOUND: &str = "OptaFly's language server was not found. \
    Install it with `uv tool install optafly` or `pipx install optafly` and restart Zed, \
    or name the program in the settings under `lsp.optafly.binary.path`.";

struct OptaFly;

impl zed::Extension for OptaFly {
    fn new() -> Self {
        Self
    }

    fn language_server_command(
        &mut self,
        id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let chosen = Chosen::from(LspSettings::for_worktree(id.as_ref(), worktree)?.binary);
        let args = chosen.args_or("lsp");
        let env = merged(worktree.shell_env(), chosen.env);

        if let Some(command) = chosen.path {
            return Ok(Command { command, args, env });
        }
        if let Some(command) = worktree.which(PROGRAM) {
            return Ok(Command { command, args, env });
        }
        if let Some(command) = worktree.which(UVX) {
            let args = ["--from", REQUIREMENT, PROGRAM]
                .map(String::from)
                .into_iter()
                .chain(args)
                .collect();
            return Ok(Command { command, args, env });
        }
        Err(NOT_FOUND.into())
    }

    fn language_server_initialization_options(
        &mut self,
        id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(LspSettings::for_worktree(id.as_ref(), worktree)?.initialization_options)
    }

    fn language_server_workspace_configuration(
        &mut self,
        id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        let settings = LspSettings::for_worktree(id.as_ref(), worktree)?.settings;
        // The server asks for the section "optafly", and Zed looks it up in what is returned here.
        Ok(settings.map(|settings| json!({ PROGRAM: settings })))
    }

    fn context_server_command(
        &mut self,
        id: &ContextServerId,
        project: &Project,
    ) -> Result<Command> {
        let chosen =
            Chosen::from(ContextServerSettings::for_project(id.as_ref(), project)?.command);
        let args = chosen.args_or("mcp");
        let env = merged(EnvVars::new(), chosen.env);

        // There is no `which` and no shell environment for a context server: Zed finds the name on its own PATH.
        let command = match chosen.path {
            Some(path) => path,
            None => PROGRAM.into(),
        };
        Ok(Command { command, args, env })
    }

    fn context_server_configuration(
        &mut self,
        _id: &ContextServerId,
        _project: &Project,
    ) -> Result<Option<ContextServerConfiguration>> {
        Ok(Some(ContextServerConfiguration {
            installation_instructions: include_str!("../context_server/instructions.md").into(),
            settings_schema: include_str!("../context_server/settings.schema.json").into(),
            default_settings: include_str!("../context_server/settings.default.json").into(),
        }))
    }
}

/// What the user's settings say about a command; everything may be missing.
#[derive(Default)]
struct Chosen {
    path: Option<String>,
    args: Option<Vec<String>>,
    env: HashMap<String, String>,
}

impl Chosen {
    fn args_or(&self, subcommand: &str) -> Vec<String> {
        match &self.args {
            Some(args) => args.clone(),
            None => vec![subcommand.into()],
        }
    }
}

impl From<Option<CommandSettings>> for Chosen {
    fn from(settings: Option<CommandSettings>) -> Self {
        let Some(settings) = settings else {
            return Self::default();
        };
        Self {
            path: settings.path,
            args: settings.arguments,
            env: settings.env.unwrap_or_default(),
        }
    }
}

/// The environment with the user's own variables over it, sorted so that it is the same every time.
fn merged(environment: EnvVars, chosen: HashMap<String, String>) -> EnvVars {
    let mut variables: BTreeMap<String, String> = environment.into_iter().collect();
    variables.extend(chosen);
    variables.into_iter().collect()
}

zed::register_extension!(OptaFly);
