import ForerunCore

/// The models of a server, as `/v1/models` lists them.
struct ModelList: Sendable {
    private let names: [String]

    init(_ names: [String]) { self.names = names }

    func text(isAnthropic: Bool) -> String {
        let entries = names.map { Self.entry($0, isAnthropic: isAnthropic) }
        guard isAnthropic else { return (["object": "list", "data": .array(entries)] as JSON).text }
        return
            ([
                "data": .array(entries), "has_more": false, "first_id": names.first.map(JSON.string) ?? .null,
                "last_id": names.last.map(JSON.string) ?? .null,
            ] as JSON).text
    }

    /// The model at `/v1/models/NAME`; `nil`: there is none.
    func entry(_ path: String, isAnthropic: Bool) -> String? {
        let prefix = "/v1/models/"
        guard path.hasPrefix(prefix), names.contains(String(path.dropFirst(prefix.count))) else { return nil }
        return Self.entry(String(path.dropFirst(prefix.count)), isAnthropic: isAnthropic).text
    }

    private static func entry(_ name: String, isAnthropic: Bool) -> JSON {
        isAnthropic
            ? [
                "type": "model", "id": .string(name), "display_name": .string(name),
                "created_at": "1970-01-01T00:00:00Z",
            ]
            : ["id": .string(name), "object": "model", "created": 0, "owned_by": "forerun-mock"]
    }
}
