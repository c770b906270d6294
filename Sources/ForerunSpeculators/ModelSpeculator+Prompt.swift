internal import ForerunCore
internal import Mustache

extension ModelSpeculator {
    /// The template of a prompt cannot be read.
    public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
        public let message: String
        public var description: String { "the speculator's prompt is no mustache template: \(message)" }
    }

    /// The words for the model.
    struct Prompt: Sendable {
        private let template: MustacheTemplate

        init(_ text: String) throws(TemplateError) {
            do {
                // Prompts are no HTML: nothing is escaped.
                template = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}\n" + text)
            } catch {
                throw TemplateError(message: "\(error)")
            }
        }

        /// The fixed part. The same bytes for the same actor.
        func instructions(for actor: ModelRequest.Role) -> String {
            var context: [String: Any] = [
                "tools": actor.tools.map { tool in
                    ["name": tool.name, "description": tool.description, "parameters": tool.parameters.text]
                }
            ]
            if !actor.instructions.isEmpty { context["instructions"] = actor.instructions }
            let text = template.render(context)
            // The line of the content type is empty, and what stands around a text is no part of it.
            guard let start = text.firstIndex(where: { !$0.isWhitespace }),
                let end = text.lastIndex(where: { !$0.isWhitespace })
            else { return "" }
            return String(text[start...end])
        }

        /// The last message of each request: all that changes from one to the next.
        ///
        /// - Parameter hints: what experience says, a line each.
        static func question(_ width: Int, hints: [String] = []) -> String {
            let question = """
                What does the agent do next? Answer with the JSON object only.
                width: \(width)
                """
            return hints.isEmpty ? question : (["Hints, from experience:"] + hints + [question]).joined(separator: "\n")
        }
    }
}
