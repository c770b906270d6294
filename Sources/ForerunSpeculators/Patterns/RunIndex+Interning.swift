import ForerunCore
import OrderedCollections

extension RunIndex {
    /// The number of a value, which need not occur anywhere.
    mutating func intern(_ value: JSON, _ hash: FeatureHash) -> Int32 {
        let (number, isNew) = valueNumbers.findOrInsert(hash, Int32(values.count))
        guard isNew else { return number }
        let start = Int32(wordLists.count)
        addWords(of: value)
        values.append(ValueEntry(value: value, hash: hash, words: start..<Int32(wordLists.count), last: -1))
        return number
    }

    private mutating func addWords(of value: JSON) {
        switch value {
        case .null, .bool: break
        case .number(let number): addWords(of: number.literal)
        case .string(let text): addWords(of: text)
        case .array(let elements): for element in elements { addWords(of: element) }
        case .object(let members):
            for (key, value) in members {
                addWords(of: key)
                addWords(of: value)
            }
        }
    }

    private mutating func addWords(of text: String) {
        WordScan.words(in: text) { hash, length, _ in
            wordLists.append(intern(word: hash, length))
        }
    }

    mutating func intern(word hash: FeatureHash, _ length: Int) -> Int32 {
        let (number, isNew) = wordNumbers.findOrInsert(hash, Int32(words.count))
        if isNew { words.append(Word(hash: hash, length: Int32(length))) }
        return number
    }

    mutating func intern(field name: String) -> Int32 {
        let (number, isNew) = fieldNumbers.findOrInsert(Naming.name(name), Int32(fields.count))
        if isNew {
            fields.append(name)
            fieldStems.append(Self.singular(name))
        }
        return number
    }

    mutating func newOwner(in parent: Int32) -> Int32 {
        owners.append(Owner(parent: parent))
        return Int32(owners.count - 1)
    }

    /// Gives `owner` and the two around it the words of a text.
    mutating func give(_ owner: Int32, wordsAt range: Range<Int32>) {
        var owner = owner
        for _ in 0..<3 where owner >= 0 {
            if owners[Int(owner)].count < Limits.ownerWords {
                for index in range {
                    let word = wordLists[Int(index)]
                    let pair = UInt64(UInt32(bitPattern: owner)) << 32 | UInt64(UInt32(bitPattern: word))
                    if ownerPairs.findOrInsert(Naming.combine(pair, 1), 0).isNew {
                        ownerWords.append(OwnerWord(word: word, next: owners[Int(owner)].head))
                        owners[Int(owner)].head = Int32(ownerWords.count - 1)
                        owners[Int(owner)].count += 1
                    }
                }
            }
            owner = owners[Int(owner)].parent
        }
    }

    /// Notes who used the words of `text`, and returns them, each once.
    mutating func say(_ text: String, _ said: Said) -> [Int32] {
        var result: [Int32] = []
        WordScan.words(in: text) { hash, length, _ in
            let number = intern(word: hash, length)
            // The first flag is the one that was cleared before.
            if words[Int(number)].said.isDisjoint(with: said.subtracting(.user)) { result.append(number) }
            words[Int(number)].said.formUnion(said)
        }
        return result
    }
}
