/// The files that `forerun init` writes. What is there already stays as it is.
package struct StartingFiles: Sendable {
    private let places: ConfigurationPlaces
    private let workspace: String

    package init(places: ConfigurationPlaces, workspace: String) {
        self.places = places
        self.workspace = workspace
    }

    /// - Returns: a line for each file, written or kept.
    package func write(forProject: Bool) throws(ConfigurationError) -> [String] {
        var lines = [try write(places.userDirectory + "/config.yaml", Self.userConfiguration)]
        guard forProject else { return lines }
        lines.append(try write(projectRoot + "/.forerun/config.yaml", Self.projectConfiguration))
        return lines
    }

    /// - Returns: a line that says so.
    package func trustProject() throws(ConfigurationError) -> String {
        try places.trustedProjects.trust(projectRoot)
        return "trusts  \(projectRoot)"
    }

    /// The project that is there already, or the workspace.
    private var projectRoot: String { places.project?.root ?? workspace }

    private func write(_ path: String, _ text: String) throws(ConfigurationError) -> String {
        guard !FileAccess.exists(path) else { return "kept    \(path)" }
        try FileAccess.replace(path, with: text)
        return "wrote   \(path)"
    }

    private static let userConfiguration = """
        ## Forerun: your configuration. `forerun config show --origin` says what counts, and why.
        ## Lines that begin with one # are examples: take the # and the space away from those that you want.

        ## Endpoints. The well-known ones need no entry: openai, anthropic, openrouter, groq, deepseek, mistral, gemini, ollama,
        ## lmstudio, llamacpp, vllm, litellm; azure needs its baseURL. Keys never stand here: env:NAME or file:PATH (chmod 600) says where they are.
        # endpoints:
        #   mine:
        #     baseURL: http://127.0.0.1:8000/v1
        #     key: env:MY_KEY
        ##    Requests at a time. Unknown counts as 1, and then nothing runs ahead there.
        #     concurrency: 8

        ## What holds for every agent that does not say otherwise.
        # defaults:
        ##  The model that decides, as endpoint/model.
        #   actor: openai/gpt-5
        #   speculation:
        ##    The small, quick model that guesses.
        #     model: ollama/qwen2.5-coder:3b
        ##    What guesses: model (samples: ask it so often), parts, transition, graph, engine. Learnt patterns always do.
        #     speculators: [{kind: model}, {kind: transition}]
        ##    off, observe (guess and score, run nothing), tools (no extra questions), full
        #     mode: full
        ##    What guesses may cost beyond the run itself, as a multiple of it.
        #     maxExtraCost: {ratio: 1}
        #   limits:
        #     steps: 200

        ## What holds for one agent.
        # agents:
        #   coder:
        #     permissions:
        #       run_command: {"*": ask, "make *": allow, "git push*": deny}

        """

    private static let projectConfiguration = """
        ## Forerun: configuration of this project. Agents of the project go to .forerun/agents/NAME.md.
        ## Until its user trusts the project (forerun init --trust), it can only tighten what holds already.
        ## Lines that begin with one # are examples: take the # and the space away from those that you want.

        # defaults:
        #   permissions:
        #     write_file: {"*": allow, "vendor/*": deny}
        #   limits:
        #     steps: 100

        """
}
