/// A model of an endpoint, written `endpoint/model`. The model's own name may hold more slashes.
package struct ModelName: Sendable, Hashable, CustomStringConvertible {
    package let endpoint: String
    package let model: String

    package init(endpoint: String, model: String) {
        self.endpoint = endpoint
        self.model = model
    }

    /// `nil`: a part is missing.
    package init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        endpoint = String(text[..<slash])
        model = String(text[text.index(after: slash)...])
        guard !endpoint.isEmpty, !model.isEmpty else { return nil }
    }

    package var description: String { "\(endpoint)/\(model)" }
}
