import Glibc

/// What a path held before a transaction, as its directory keeps it.
struct OldVersion: Sendable {
    let version: Version
    let place: Directory
    let name: RelativePath

    /// The old version of an operation; `nil` where nothing was.
    init?(_ operation: Journal.Operation, _ index: Int, in place: Directory) {
        guard let old = operation.old else { return nil }
        self.place = place
        version = old
        // Where the two changed places, it has the name that the new one had.
        let aside = Journal.old(index)
        name = (try? place.version(of: aside)) != nil ? aside : Journal.new(index)
    }

    /// Makes `target` this version: the same file where that can be had, else a copy. Not for directories.
    func stage(as target: RelativePath, in other: Directory) throws(FileError) {
        if (try? place.link(name, to: target, of: other)) != nil { return }
        try copy(to: target, in: other)
    }

    func copy(to target: RelativePath, in other: Directory) throws(FileError) {
        switch version.kind {
        case .directory, .special: return
        case .symlink: try other.createSymlink(target, target: try place.target(of: name))
        case .file:
            try other.create(target, copying: name, of: place, mode: version.mode, modified: version.modified)
            other.setOwner(target, version.owner, version.group)
            if version.mode & 0o6000 != 0 { try other.setMode(target, version.mode) }
            try Attributes.copy(name, of: place.descriptor, to: target, of: other)
        }
        other.setModified(target, version.modified)
    }
}
