/// What a project tells agents: the nearest AGENTS.md.
package struct AgentsInstructions: Sendable, Hashable {
    /// Where it was found, absolute.
    package let path: String
    package let text: String

    /// Looks in `directory`, then in the directories above it; the first one found counts.
    ///
    /// - Parameter limit: bytes to keep; the middle of a longer file is cut, with a note.
    /// - Returns: `nil` where there is none that can be read as text.
    package static func nearest(to directory: String, limit: Int = 32 * 1024) -> AgentsInstructions? {
        guard var place = RealPath.of(directory) else { return nil }
        while true {
            let path = (place == "/" ? "" : place) + "/AGENTS.md"
            // A link may lead to CLAUDE.md or the like, so it is followed.
            if let real = RealPath.of(path), let slash = real.lastIndex(of: "/"),
                let holder = try? Directory(String(real[...slash])),
                case let name = RelativePath(String(real[real.index(after: slash)...])),
                (try? holder.signature(of: name))??.kind == .file,
                let bytes = try? holder.content(of: name, limit: 4 << 20), !ReadTools.isBinary(bytes)
            {
                var text = BoundedText(limit: limit)
                text.append(bytes)
                return AgentsInstructions(path: path, text: text.text)
            }
            guard place != "/", let slash = place.lastIndex(of: "/") else { return nil }
            place = slash == place.startIndex ? "/" : String(place[..<slash])
        }
    }
}
