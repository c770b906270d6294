import Synchronization
import _StringProcessing

/// A regular expression of a schema, compiled once.
///
/// Swift's `Regex` stands in for ECMA-262: matching goes by Unicode scalar, `\d` and `\w` are ASCII, a match may lie
/// anywhere in the text. Look-behind and `[^]` are among the little that it lacks.
final class JSONSchemaPattern: Sendable {
    let text: String
    /// `Regex` is not `Sendable`.
    private let regex: Mutex<Regex<AnyRegexOutput>>

    /// - Returns: `nil` where the text is no regular expression.
    init?(_ text: String) {
        guard let regex = try? Regex(text) else { return nil }
        self.text = text
        self.regex = Mutex(regex.matchingSemantics(.unicodeScalar).asciiOnlyDigits().asciiOnlyWordCharacters())
    }

    func matches(_ text: String) -> Bool {
        regex.withLock { (try? $0.firstMatch(in: text)) != nil }
    }
}
