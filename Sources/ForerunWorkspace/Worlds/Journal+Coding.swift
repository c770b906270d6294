import Glibc

/// A journal on disk: lines of fields, the last one a checksum. Bytes that would break a line are written as `%0A`.
extension Journal {
    private static let header = "forerun-transaction 1"

    /// Why a journal cannot be used.
    struct Damaged: Error { let reason: String }

    var encoded: [UInt8] {
        var lines = JournalText()
        lines.add(Self.header)
        lines.add("root \(root)")
        lines.add("time \(time)")
        if let run { lines.add("run \(run.number)", RelativePath(run.id)) }
        if let world { lines.add("world \(world)") }
        for path in undoes { lines.add("undoes", path) }
        for operation in operations {
            lines.add("change \(operation.old.encoded) \(operation.new.encoded)", operation.path)
        }
        for mode in modes {
            let (before, after) = (mode.before.map(String.init) ?? "-", mode.after.map(String.init) ?? "-")
            lines.add("mode \(mode.inode) \(before) \(after)", mode.path)
        }
        return lines.finished
    }

    init(_ bytes: [UInt8]) throws(Damaged) {
        let lines = try JournalText.lines(of: bytes)
        guard lines.first.map({ String(decoding: $0, as: UTF8.self) }) == Self.header else {
            throw Damaged(reason: "it is of another version")
        }
        self.init(root: 0, time: 0)
        for line in lines.dropFirst() {
            let fields = line.split(separator: 32)
            guard let kind = fields.first, try add(String(decoding: kind, as: UTF8.self), Array(fields.dropFirst()))
            else { throw Damaged(reason: "a line makes no sense: \(String(decoding: line, as: UTF8.self))") }
        }
    }

    private mutating func add(_ kind: String, _ fields: [ArraySlice<UInt8>]) throws(Damaged) -> Bool {
        func number<Number: FixedWidthInteger>(_ index: Int) -> Number? {
            fields.indices.contains(index) ? Number(String(decoding: fields[index], as: UTF8.self)) : nil
        }
        func path(_ index: Int) -> RelativePath? {
            fields.indices.contains(index) ? JournalText.decoded(fields[index]) : index == fields.count ? .root : nil
        }
        func version(_ index: Int) -> Version?? {
            fields.indices.contains(index) ? Version.decoded(fields[index]) : nil
        }
        switch kind {
        case "root":
            guard let inode: UInt64 = number(0) else { return false }
            root = inode
        case "time":
            guard let instant: Int64 = number(0) else { return false }
            time = instant
        case "run":
            guard let count: Int = number(0), let id = path(1) else { return false }
            run = Run(id: String(decoding: id.bytes, as: UTF8.self), number: count)
        case "world":
            guard let number: Int = number(0) else { return false }
            world = number
        case "undoes":
            guard let path = path(0) else { return false }
            undoes.append(path)
        case "change":
            guard let old = version(0), let new = version(1), let path = path(2) else { return false }
            operations.append(Operation(path: path, old: old, new: new))
        case "mode":
            guard let inode: UInt64 = number(0), let path = path(3) else { return false }
            modes.append(Mode(path: path, inode: inode, before: number(1), after: number(2)))
        default: return false
        }
        return true
    }
}

extension Version? {
    fileprivate var encoded: String {
        guard let self else { return "-" }
        return
            "\(self.kind.rawValue),\(self.inode),\(self.mode),\(self.size),\(self.modified),\(self.owner),\(self.group)"
    }
}

extension Version {
    /// `nil` in `nil`: it makes no sense; `nil`: nothing was there.
    fileprivate static func decoded(_ field: ArraySlice<UInt8>) -> Version?? {
        if field.elementsEqual("-".utf8) { return .some(nil) }
        let parts = field.split(separator: 44).map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 7, let kind = UInt8(parts[0]).flatMap({ Signature.Kind(rawValue: $0) }),
            let inode = UInt64(parts[1]), let mode = UInt32(parts[2]), let size = Int64(parts[3]),
            let modified = Int64(parts[4]), let owner = UInt32(parts[5]), let group = UInt32(parts[6])
        else { return nil }
        return Version(
            kind: kind, inode: inode, mode: mode, size: size, modified: modified, owner: owner, group: group)
    }
}

/// The lines of a journal, with their checksum (FNV-1a, 64 bits: it tells what was cut off, not what was forged).
private struct JournalText {
    private var bytes: [UInt8] = []

    mutating func add(_ text: String, _ path: RelativePath? = nil) {
        bytes += text.utf8
        if let path {
            bytes.append(32)
            for byte in path.bytes {
                if byte > 32, byte < 127, byte != 37 { bytes.append(byte) } else { bytes += Self.escaped(byte) }
            }
        }
        bytes.append(10)
    }

    var finished: [UInt8] { bytes + "end \(ContentDigest(of: bytes).value)\n".utf8 }

    static func lines(of bytes: [UInt8]) throws(Journal.Damaged) -> [ArraySlice<UInt8>] {
        guard bytes.last == 10, let last = bytes.dropLast().lastIndex(of: 10) else {
            throw Journal.Damaged(reason: "it was cut off")
        }
        let body = bytes[...last]
        guard bytes[(last + 1)...].elementsEqual("end \(ContentDigest(of: body).value)\n".utf8) else {
            throw Journal.Damaged(reason: "its checksum is wrong")
        }
        return body.split(separator: 10)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func escaped(_ byte: UInt8) -> [UInt8] { [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]] }

    static func decoded(_ field: ArraySlice<UInt8>) -> RelativePath? {
        var result: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            guard byte == 37 else {
                result.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            result.append(value)
            rest = rest.dropFirst(2)
        }
        return RelativePath(bytes: result)
    }
}
