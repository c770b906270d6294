package import ForerunCore

/// What the agent may do without asking, may do once a person agreed, and may not do.
///
/// Rules are read in order and the last one that matches counts: `{"*": ask, "git *": allow, "git push*": deny}`. Rules
/// of higher layers come after those of lower ones. Rules of a project that is not trusted are *limits*: they count only
/// where they are stricter than what was said before.
package struct Permissions: Sendable, Hashable {
    package typealias Decision = Permission

    package struct Rule: Sendable, Hashable {
        /// A glob over the names of tools.
        package var tool: String
        /// A glob over the main argument: the path or the command.
        package var pattern: String
        package var decision: Decision
        package var isLimit: Bool
        package var origin: ConfigurationOrigin

        package init(
            _ tool: String, pattern: String = "*", _ decision: Decision, isLimit: Bool = false,
            origin: ConfigurationOrigin = .builtIn
        ) {
            self.tool = tool
            self.pattern = pattern
            self.decision = decision
            self.isLimit = isLimit
            self.origin = origin
        }
    }

    package private(set) var rules: [Rule]

    package init(_ rules: [Rule] = []) { self.rules = rules }

    /// Adds a rule after all others.
    package mutating func append(_ rule: Rule) { rules.append(rule) }

    /// What happens to a call where no rule matches: reading is allowed, anything else is asked for.
    package static func standard(for effect: Effect) -> Decision { effect == .readOnly ? .allow : .ask }

    /// What happens to a call of `tool`.
    ///
    /// - Parameters:
    ///   - subject: what it is about, a path by all its names; `nil` where it has none.
    ///   - standard: where no rule matches.
    package func decision(tool: String, subject: CallSubject?, standard: Decision) -> Decision {
        decision(tool: tool, standard: standard) { pattern in
            let pattern = pattern.hasPrefix("./") ? String(pattern.dropFirst(2)) : pattern
            return subject?.names.contains { Glob.matches(pattern, $0) } ?? false
        }
    }

    /// What happens to a shell command: the strictest of what its parts get, so that `git status; rm -rf /` is more than
    /// `git *` allows. Patterns that hold an operator themselves (`* | sh`) are compared with the whole command.
    package func decision(tool: String, command: String, standard: Decision) -> Decision {
        let decisions = ShellCommand.parts(of: command).map { part in
            decision(tool: tool, standard: standard) { pattern in
                Glob.matches(pattern, ShellCommand.holdsOperator(pattern) ? command : part)
            }
        }
        return decisions.max() ?? decision(tool: tool, subject: CallSubject([command]), standard: standard)
    }

    private func decision(tool: String, standard: Decision, matches: (_ pattern: String) -> Bool) -> Decision {
        var decision = standard
        var limit: Decision?
        for rule in rules where Glob.matches(rule.tool, tool) && (rule.pattern == "*" || matches(rule.pattern)) {
            if rule.isLimit {
                limit = rule.decision
            } else {
                // A trusted word of a higher layer stands above the limits before it.
                decision = rule.decision
                limit = nil
            }
        }
        return limit.map { max($0, decision) } ?? decision
    }
}
