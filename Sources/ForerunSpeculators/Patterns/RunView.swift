/// The arrays of an index, without reference counts and bounds: what the hot loops of a prediction read.
///
/// Valid only inside ``RunIndex/withView(_:)``. Numbers that it is asked for come from the index itself.
struct RunView {
    let events: Int32
    let occurrences: UnsafePointer<Occurrence>
    let sources: UnsafePointer<RunIndex.SourceEntry>
    let values: UnsafePointer<RunIndex.ValueEntry>
    let words: UnsafePointer<RunIndex.Word>
    let wordCount: Int
    let wordLists: UnsafePointer<Int32>
    let owners: UnsafePointer<RunIndex.Owner>
    let ownerWords: UnsafePointer<RunIndex.OwnerWord>
    let sourceNumbers: HashTable.View
    let wordNumbers: HashTable.View
    let used: HashTable.View

    /// Calls `body` with the indices of the latest occurrences of a source, oldest first.
    @inline(__always)
    func forEachLatest(_ source: FeatureHash, _ limit: Int, _ body: (Int32) -> Void) {
        let number = sourceNumbers.find(source)
        guard number >= 0 else { return }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: limit) { found in
            var count = 0
            var next = sources[Int(number)].last
            while next >= 0, count < limit {
                found[count] = next
                count &+= 1
                next = occurrences[Int(next)].previousOfSource
            }
            while count > 0 {
                count &-= 1
                body(found[count])
            }
        }
    }

    /// Whether all words of a range of the index's lists, and at least one, were said.
    @inline(__always)
    func isSaid(_ range: Range<Int32>, _ by: RunIndex.Said) -> Bool {
        for index in range where words[Int(wordLists[Int(index)])].said.isDisjoint(with: by) { return false }
        return !range.isEmpty
    }

    /// What became of a value of an argument, as ``RunIndex/Status``; 0: it had it never.
    @inline(__always)
    func status(of value: FeatureHash, for argument: FeatureHash) -> Int {
        Int(max(0, used.find(Naming.combine(argument, value))))
    }
}

extension RunIndex {
    /// Calls `body` with a view that is valid for the time of the call.
    @inline(__always)
    func withView<Result>(_ body: (RunView) -> Result) -> Result {
        withArrays { occurrences, sources, values, words in
            wordLists.withUnsafeBufferPointer { wordLists in
                owners.withUnsafeBufferPointer { owners in
                    ownerWords.withUnsafeBufferPointer { ownerWords in
                        sourceNumbers.withView { sourceNumbers in
                            wordNumbers.withView { wordNumbers in
                                used.withView { used in
                                    body(
                                        RunView(
                                            events: events, occurrences: occurrences.start, sources: sources.start,
                                            values: values.start, words: words.start, wordCount: words.count,
                                            wordLists: wordLists.start, owners: owners.start,
                                            ownerWords: ownerWords.start, sourceNumbers: sourceNumbers,
                                            wordNumbers: wordNumbers, used: used))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private func withArrays<Result>(
        _ body: (
            UnsafeBufferPointer<Occurrence>, UnsafeBufferPointer<SourceEntry>, UnsafeBufferPointer<ValueEntry>,
            UnsafeBufferPointer<Word>
        ) -> Result
    ) -> Result {
        occurrences.withUnsafeBufferPointer { occurrences in
            sources.withUnsafeBufferPointer { sources in
                values.withUnsafeBufferPointer { values in
                    words.withUnsafeBufferPointer { words in body(occurrences, sources, values, words) }
                }
            }
        }
    }
}

extension UnsafeBufferPointer {
    /// Where it begins. Of an empty array that is some address that nobody reads.
    @inline(__always)
    fileprivate var start: UnsafePointer<Element> {
        baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
    }
}
