import ForerunCore
import OrderedCollections

extension RunIndex {
    /// The way to a value; its text is only written where a source is new.
    final class Path {
        let parent: Path?
        let name: String
        let hash: FeatureHash
        /// The name follows a dot.
        let isMember: Bool

        init(parent: Path?, name: String, hash: FeatureHash, isMember: Bool = false) {
            self.isMember = isMember
            self.parent = parent
            self.name = name
            self.hash = hash
        }

        static func element(of path: Path?) -> Path { appending("[]", to: path) }
        static func entry(of path: Path?) -> Path { appending(".{}", to: path) }
        static func member(_ key: String, of path: Path?) -> Path {
            // The hash is that of the whole text.
            let hash = Naming.name(key, after: Naming.adding(UInt8(ascii: "."), to: path?.hash ?? Naming.empty))
            return Path(parent: path, name: key, hash: hash, isMember: true)
        }

        private static func appending(_ text: StaticString, to path: Path?) -> Path {
            var hash = path?.hash ?? Naming.empty
            for index in 0..<text.utf8CodeUnitCount { hash = Naming.adding(text.utf8Start[index], to: hash) }
            return Path(parent: path, name: text.description, hash: hash)
        }

        var text: String { (parent?.text ?? "") + (isMember ? "." : "") + name }
    }

    /// Where a value stands.
    struct Place {
        var owner: Int32
        var rank: Int32
        var count: Int32
        var field: Int32
    }

    /// What is read at the moment.
    struct Reader {
        let kind: ValueSource.Kind
        let tool: String
        let toolHash: FeatureHash
        /// How many more values may be indexed.
        var budget: Int
    }

    /// Notes that a value occurs.
    mutating func put(
        _ kind: ValueSource.Kind, _ tool: String, _ toolHash: FeatureHash, _ path: Path?, _ value: JSON, _ place: Place
    ) {
        let hash = ValueSource.hash(kind, tool: toolHash, path: path?.hash ?? Naming.empty)
        put(hash, kind, intern(value, ValueHash.of(value)), place) {
            ValueSource(kind: kind, tool: tool, path: path?.text ?? "", hash: hash)
        }
    }

    mutating func put(
        _ hash: FeatureHash, _ kind: ValueSource.Kind, _ value: Int32, _ place: Place, _ make: () -> ValueSource
    ) {
        let (source, isNew) = sourceNumbers.findOrInsert(hash, Int32(sources.count))
        if isNew { sources.append(SourceEntry(source: make(), last: -1, count: 0)) }
        let number = Int32(occurrences.count)
        occurrences.append(
            Occurrence(
                source: source, sourceHash: hash, kind: kind, value: value, event: events, rank: place.rank,
                count: place.count, owner: place.owner, field: place.field,
                previousOfSource: sources[Int(source)].last, previousOfValue: values[Int(value)].last))
        sources[Int(source)].last = number
        sources[Int(source)].count += 1
        values[Int(value)].last = number
        if year == nil, case .string(let text) = values[Int(value)].value { noteYear(text) }
    }

    private mutating func noteYear(_ text: String) {
        guard text.utf8.count == 10 else { return }
        let isDate = Array(text.utf8).withUnsafeBufferPointer(TokenShape.isDate)
        if isDate { year = String(text.prefix(4)) }
    }

    /// Indexes a value and all that is in it.
    mutating func index(_ value: JSON, _ path: Path?, _ place: Place, _ reader: inout Reader) {
        guard reader.budget > 0 else { return }
        reader.budget -= 1
        switch value {
        case .object(let members):
            let isMap = members.count > 12 || members.keys.contains(where: Self.isData)
            if !members.isEmpty, !isMap { add([value], path, reader) }
            let inner = Place(owner: newOwner(in: place.owner), rank: place.rank, count: place.count, field: -1)
            indexMembers(of: value, isMap: isMap, path, inner, &reader)
            putWhole(value, path, place, reader)
        case .array(let elements):
            add(elements, path, reader)
            let inside = Path.element(of: path)
            for (rank, element) in elements.enumerated() {
                guard reader.budget > 0 else { break }
                var inner = Place(
                    owner: place.owner, rank: Int32(rank), count: Int32(elements.count), field: place.field)
                if case .object = element {
                    inner.owner = newOwner(in: place.owner)
                    indexMembers(of: element, isMap: false, inside, inner, &reader)
                } else {
                    index(element, inside, inner, &reader)
                }
            }
            putWhole(value, path, place, reader)
        default:
            let number = intern(value, ValueHash.of(value))
            if case .string = value, place.owner >= 0 { give(place.owner, wordsAt: values[Int(number)].words) }
            let hash = ValueSource.hash(reader.kind, tool: reader.toolHash, path: path?.hash ?? Naming.empty)
            put(hash, reader.kind, number, place) {
                ValueSource(kind: reader.kind, tool: reader.tool, path: path?.text ?? "", hash: hash)
            }
        }
    }

    private mutating func indexMembers(
        of value: JSON, isMap: Bool, _ path: Path?, _ place: Place, _ reader: inout Reader
    ) {
        guard case .object(let members) = value else { return }
        for (rank, member) in members.enumerated() {
            guard reader.budget > 0 else { return }
            guard isMap, members.count > 12 || Self.isData(member.key) else {
                var here = place
                here.field = intern(field: member.key)
                index(member.value, Path.member(member.key, of: path), here, &reader)
                continue
            }
            // The key is a value; it belongs to what it names.
            let here = Place(
                owner: newOwner(in: place.owner), rank: Int32(rank), count: Int32(members.count), field: -1)
            let key = JSON.string(member.key)
            let number = intern(key, ValueHash.of(key))
            if case .object = member.value {
                indexMembers(of: member.value, isMap: false, Path.entry(of: path), here, &reader)
            } else {
                give(here.owner, wordsAt: values[Int(number)].words)
                index(member.value, Path.entry(of: path), here, &reader)
            }
            put(.key, reader.tool, reader.toolHash, path, key, here)
        }
    }

    private mutating func add(_ values: [JSON], _ path: Path?, _ reader: Reader) {
        let source = ValueSource.hash(reader.kind, tool: reader.toolHash, path: path?.hash ?? Naming.empty)
        guard values.contains(where: { $0.objectValue != nil }) else { return }
        objects.append(Objects(source: source, values: values, event: events))
    }

    private mutating func putWhole(_ value: JSON, _ path: Path?, _ place: Place, _ reader: Reader) {
        let isEmpty = value.arrayValue?.isEmpty ?? value.objectValue?.isEmpty ?? true
        guard !isEmpty, ValueHash.size(of: value, limit: Limits.wholeBytes) < Limits.wholeBytes else { return }
        let source = ValueSource.hash(reader.kind, tool: reader.toolHash, path: path?.hash ?? Naming.empty)
        let number = sourceNumbers.find(source)
        guard number < 0 || sources[Int(number)].count < Limits.wholes else { return }
        put(reader.kind, reader.tool, reader.toolHash, path, value, place)
    }

    /// Whether a key of an object is data, an id or a title, and not the name of a member.
    static func isData(_ key: String) -> Bool {
        let bytes = key.utf8
        guard let first = bytes.first, bytes.count <= 40 else { return true }
        func isLetter(_ byte: UInt8) -> Bool {
            TokenShape.isSmall(byte) || TokenShape.isCapital(byte) || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "$")
        }
        guard isLetter(first) else { return true }
        var digits = 0
        for byte in bytes {
            if TokenShape.isDigit(byte) {
                digits += 1
            } else if !isLetter(byte), byte != UInt8(ascii: "."), byte != UInt8(ascii: "-"), byte < 128 {
                return true
            }
        }
        return digits >= 3
    }
}
