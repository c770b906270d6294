/// Why a text is no JSON.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public let message: String
    /// Offset in bytes.
    public let offset: Int
    public var description: String { "\(message) at byte \(offset)" }
}

extension JSON {
    /// The most arrays and objects that may be nested in one another.
    public static let depthLimit = 512

    /// Parses a text (RFC 8259, strictly).
    ///
    /// Refused besides what is no JSON: escapes of lone surrogates, a byte order mark, anything but white space after the
    /// value, more than ``depthLimit`` levels, numbers whose first digit stands for more than 10⁹⁹⁹⁹ or less than 10⁻⁹⁹⁹⁹.
    /// Of members with the same name the last one counts, in the place of the first. Names that differ only in their
    /// Unicode composition count as the same.
    public init(parsing text: String) throws(JSONError) { try self.init(parsing: text.utf8) }

    /// Parses UTF-8 bytes, which must be valid; otherwise as for a string.
    public init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
        try self.init(parsing: bytes, depthLimit: JSON.depthLimit)
    }

    /// Parses what was written around values that were parsed: a few levels more than they may have.
    package init(parsingRecord bytes: some Sequence<UInt8>) throws(JSONError) {
        try self.init(parsing: bytes, depthLimit: JSON.depthLimit + 16)
    }

    private init(parsing bytes: some Sequence<UInt8>, depthLimit: Int) throws(JSONError) {
        let result =
            bytes.withContiguousStorageIfAvailable { JSONParser.parse($0, depthLimit: depthLimit) }
            ?? Array(bytes).withUnsafeBufferPointer { JSONParser.parse($0, depthLimit: depthLimit) }
        self = try result.get()
    }
}
