import CBranch
import Glibc

/// Extended attributes that belong to a path rather than to one version of it: the user's own, and access lists.
enum Attributes {
    /// Gives `name` the attributes of `source` in the open directory `parent`.
    ///
    /// What the target's file system cannot keep is left out. File capabilities stay behind, as they are worth
    /// something only for the very file that they were given to; so do the marks of overlay file systems.
    static func copy(
        _ source: RelativePath, of parent: Int32, to name: RelativePath, of directory: Directory
    ) throws(FileError) {
        for attribute in list(source, of: parent) {
            guard isKept(attribute), let value = value(of: attribute, of: source, in: parent) else { continue }
            let result = name.withCString { name in
                value.withUnsafeBytes {
                    cbranch_set_attribute(directory.descriptor, name, attribute, $0.baseAddress, $0.count)
                }
            }
            if result != 0, errno == ENOSPC || errno == EDQUOT { throw FileError("write attributes", code: errno) }
        }
    }

    private static func isKept(_ name: String) -> Bool {
        name == "system.posix_acl_access" || (name.hasPrefix("user.") && !name.hasPrefix("user.overlay."))
    }

    private static func list(_ path: RelativePath, of parent: Int32) -> [String] {
        let size = path.withCString { cbranch_list_attributes(parent, $0, nil, 0) }
        guard size > 0 else { return [] }
        var names = [CChar](repeating: 0, count: size)
        let count = path.withCString { cbranch_list_attributes(parent, $0, &names, size) }
        return names.prefix(max(0, count)).split(separator: 0).map { name in
            String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func value(of name: String, of path: RelativePath, in parent: Int32) -> [UInt8]? {
        let size = path.withCString { cbranch_get_attribute(parent, $0, name, nil, 0) }
        guard size >= 0 else { return nil }
        var value = [UInt8](repeating: 0, count: size)
        let count = path.withCString { cbranch_get_attribute(parent, $0, name, &value, size) }
        return count == size ? value : nil
    }
}
