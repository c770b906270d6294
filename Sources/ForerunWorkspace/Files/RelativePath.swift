/// A path below a directory, as the bytes that the file system holds.
///
/// Names need not be UTF-8, and two spellings of one accented letter are two names, so a `String` would confuse files.
/// The empty path is the directory itself. There is no leading or trailing slash, no `.` and no `..`.
package struct RelativePath: Sendable, Hashable, Comparable {
    package let bytes: [UInt8]

    package static let root = RelativePath(bytes: [])

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package init(_ text: String) { bytes = Array(text.utf8) }

    package var isRoot: Bool { bytes.isEmpty }

    package func appending(_ name: some Collection<UInt8>) -> RelativePath {
        isRoot ? RelativePath(bytes: Array(name)) : RelativePath(bytes: bytes + [Self.slash] + name)
    }

    /// The last component; empty for the root.
    package var name: ArraySlice<UInt8> {
        bytes.lastIndex(of: Self.slash).map { bytes[($0 + 1)...] } ?? bytes[...]
    }

    /// The directory that holds this path; `nil` for the root.
    package var parent: RelativePath? {
        if isRoot { return nil }
        return bytes.lastIndex(of: Self.slash).map { RelativePath(bytes: Array(bytes[..<$0])) } ?? .root
    }

    package var components: [ArraySlice<UInt8>] { bytes.split(separator: Self.slash) }

    /// The directories between the root and this path, outermost first; neither of the two is among them.
    package var ancestors: [RelativePath] {
        bytes.indices.filter { bytes[$0] == Self.slash }.map { RelativePath(bytes: Array(bytes[..<$0])) }
    }

    /// Whether this is `directory` or something below it.
    package func isWithin(_ directory: RelativePath) -> Bool {
        directory.isRoot || self == directory
            || (bytes.count > directory.bytes.count && bytes[directory.bytes.count] == Self.slash
                && bytes.starts(with: directory.bytes))
    }

    /// Bytewise, so a directory comes before what it holds.
    package static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        if isRoot { return ".".withCString(body) }
        return (bytes + [0]).withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
    }

    private static let slash = UInt8(ascii: "/")
}

extension RelativePath: CustomStringConvertible {
    /// For people and models: the path as text, `.` for the root.
    package var description: String { isRoot ? "." : String(decoding: bytes, as: UTF8.self) }

    /// The name of this path in footprints.
    package var resource: String { "/" + String(decoding: bytes, as: UTF8.self) }

    /// The name in footprints of everything below this path.
    package var tree: String { isRoot ? "/" : resource + "/" }
}
