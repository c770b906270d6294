package import ForerunCore

/// Everything that an agent file, the defaults of a configuration, a variable or a flag can set about a run.
package struct AgentSettings: Sendable, Hashable {
    package enum Program: String, Sendable, CaseIterable {
        /// Ask, perform the calls, ask again, until an answer has no calls.
        case react
        /// Two actors take turns.
        case alternating
    }

    package enum Commentary: String, Sendable, CaseIterable {
        /// Text beside calls stays in the transcript.
        case keep
        case drop
    }

    package var program = Program.react
    /// Plays the roles that ``actors`` does not name.
    package var actor: Casting?
    package var actors: Named<Casting> = [:]
    package var speculation = Speculation()
    /// Those of the environment's tools that the agent gets; `nil`: all.
    package var tools: [String]?
    /// Overrides what the environment says of its tools.
    package var effects: Named<Effect> = [:]
    package var permissions = Permissions()
    package var limits = Limits(steps: 200)
    package var environment = EnvironmentChoice()
    package var engine = Engine()
    package var commentary = Commentary.keep
    package var sampling = SamplingOptions()

    package init() {}

    /// The model that plays `role`.
    package func actor(of role: String) -> Casting? { actors[role] ?? actor }
}

extension AgentSettings {
    package struct Speculation: Sendable, Hashable {
        package var policy = SpeculationPolicy()
        /// Asked by speculators of kind `model` that name no model.
        package var model: ModelName?
        package var speculators: [SpeculatorChoice] = []
    }

    package struct EnvironmentChoice: Sendable, Hashable {
        package enum Kind: String, Sendable, CaseIterable {
            case workspace
            case chess
            /// No tools: the agent only answers.
            case none
        }

        package enum Sandbox: String, Sendable, CaseIterable {
            case off
            /// Commands run in a sandbox where the machine allows it.
            case preferred
            /// Without a sandbox no command runs.
            case required
        }

        /// What a run does where another one is at work in the same workspace.
        package enum Sharing: String, Sendable, CaseIterable {
            /// Both go on; where they change the same files, the later one fails.
            case share
            /// It waits until the other one is over.
            case wait
            /// It does not start.
            case refuse
        }

        package var kind = Kind.workspace
        /// Commands may reach the network.
        package var network = false
        package var sandbox = Sandbox.preferred
        package var sharing = Sharing.refuse
        /// Chess: half-moves after which the game ends.
        package var maxPlies: Int?
    }

    /// The chess engine behind models of the endpoint `engine`.
    package struct Engine: Sendable, Hashable {
        /// A program that speaks UCI, by path or by name.
        package var path = "stockfish"
        /// Nodes searched for each move of an actor.
        package var nodes = 600_000
    }
}
