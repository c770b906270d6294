/// Who reports: the program, its version, this process.
package struct Resource: Sendable, Hashable {
    package var attributes: Attributes

    package init(_ attributes: Attributes) { self.attributes = attributes }
}

/// What a process reports, ready to be written.
package struct TraceExport: Sendable, Hashable {
    package var resource: Resource
    package var spans: [Span]
}

/// The part of the program that the spans and metrics come from.
enum Scope {
    static let name = "forerun"
    static let version = "0.1.0"
}
