/// What a provider wants back unchanged with later requests, and nobody can guess: signed thinking, encrypted reasoning.
///
/// Opaque to all but the code that speaks with that provider. It is part of what a turn is, since it is part of the bytes of
/// the next request.
public struct Echo: Sendable, Hashable {
    /// One piece, and where in the turn it stood.
    public struct Part: Sendable, Hashable {
        /// Calls of the turn before it.
        public var calls: Int
        /// Bytes of the turn's text before it.
        public var text: Int
        /// The piece as it came, a JSON value.
        public var json: String

        public init(calls: Int, text: Int, json: String) {
            self.calls = calls
            self.text = text
            self.json = json
        }

        public static func == (left: Part, right: Part) -> Bool {
            left.calls == right.calls && left.text == right.text && left.json.isIdentical(to: right.json)
        }
    }

    /// ``Model/id`` of the model that wrote it. Requests to any other leave it out.
    public var model: String
    /// In order.
    public var parts: [Part]

    public init(model: String, parts: [Part]) {
        self.model = model
        self.parts = parts
    }
}

extension Echo {
    /// As the event log keeps it.
    package var json: JSON {
        [
            "model": .string(model),
            "parts": .array(
                parts.map { ["calls": .int($0.calls), "text": .int($0.text), "json": .string($0.json)] }),
        ]
    }
}

extension Turn {
    /// The same turn as somebody could have guessed it.
    package var withoutEcho: Turn { Turn(text: text, calls: calls, finish: finish) }
}
