package import ForerunCore

/// Finds guesses in a text while it streams, each as soon as its object is complete.
///
/// Expected is `{"guesses":[{"confidence":0.7,"calls":[{"name":…,"arguments":{…}}]}]}`. Small models write more and
/// less than that, so prose and code fences around it, a bare list, single guesses, guesses that are calls, and an end
/// that is missing are all taken. What is no guess is passed over; guesses with the same calls count once.
package struct GuessParser: Sendable {
    /// A guessed turn: at least one call.
    package struct Guess: Sendable, Hashable {
        package var calls: [Call]
        /// 0…1, as the model states it.
        package var confidence: Double?
        /// The natural logarithm of how probable its calls were to the model; `nil`: it was not told.
        package var logprob: Double?
    }

    /// An array or object that is still open.
    private struct Frame: Sendable {
        var isArray: Bool
        var start: Int
        /// Of an object: the text of its latest string, which is the key of what opens next.
        var latestString = 0..<0
        /// Of an array: the key that it stands under.
        var key = ""
    }

    private var bytes: [UInt8] = []
    private var position = 0
    private var frames: [Frame] = []
    /// Where the string that is being read began; `nil`: outside of strings.
    private var stringStart: Int?
    private var isEscaped = false
    /// The latest complete call of the guess that is still open.
    private var prefix: (guessStart: Int, end: Int, closers: [UInt8])?
    private var seen: Set<[Call]> = []
    var likelihood = TextLikelihood()

    package init() {}

    /// Takes the next part of the text, cut anywhere.
    ///
    /// - Returns: the guesses that it completed, best first.
    package mutating func push(_ text: some StringProtocol) -> [Guess] {
        bytes.append(contentsOf: text.utf8)
        likelihood.reached(bytes.count)
        var guesses: [Guess] = []
        while position < bytes.count {
            if let object = step() { guesses += accept(object, at: object.indices) }
        }
        return guesses
    }

    /// The text has ended.
    ///
    /// - Returns: what the cut-off last guess had complete.
    package mutating func finish() -> [Guess] {
        guard let prefix, frames.contains(where: { $0.start == prefix.guessStart }) else { return [] }
        let object = Array(bytes[prefix.guessStart..<prefix.end]) + prefix.closers
        self.prefix = nil
        return accept(object[...], at: prefix.guessStart..<prefix.end)
    }

    /// - Parameter place: where it stands in the text.
    private mutating func accept(_ object: ArraySlice<UInt8>, at place: Range<Int>) -> [Guess] {
        guard let value = try? JSON(parsing: object), var guess = Guess(value), seen.insert(guess.calls).inserted else {
            return []
        }
        guess.logprob = likelihood.logprob(of: callsStart(in: place)..<place.upperBound)
        return [guess]
    }

    /// Where the calls of a guess begin: how it states its confidence before that says nothing of them.
    private func callsStart(in place: Range<Int>) -> Int {
        bytes[place].firstRange(of: Array(#"calls""#.utf8))?.lowerBound ?? place.lowerBound
    }
}

extension GuessParser {
    private enum Byte {
        static let quote = UInt8(ascii: "\"")
        static let backslash = UInt8(ascii: "\\")
        static let openObject = UInt8(ascii: "{")
        static let closeObject = UInt8(ascii: "}")
        static let openArray = UInt8(ascii: "[")
        static let closeArray = UInt8(ascii: "]")
        static let spaces: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    }

    /// Reads one byte.
    ///
    /// - Returns: the bytes of an object in the place of a guess, if this byte ended one.
    private mutating func step() -> ArraySlice<UInt8>? {
        let here = position
        let byte = bytes[here]
        position += 1
        if let start = stringStart {
            readString(byte, from: start, at: here)
            return nil
        }
        if isFirst(byte, at: here), !fits(byte) {
            // A bracket in prose: forget it, and look at this byte afresh.
            frames = []
        }
        switch byte {
        case Byte.quote where !frames.isEmpty: stringStart = here
        case Byte.openObject: frames.append(Frame(isArray: false, start: here))
        case Byte.openArray: frames.append(Frame(isArray: true, start: here, key: pendingKey))
        case Byte.closeArray: close(array: true)
        case Byte.closeObject:
            guard let frame = frames.last, !frame.isArray else {
                frames = []
                return nil
            }
            defer { close(array: false) }
            if isGuess(at: frames.count - 1) { return bytes[frame.start...here] }
            notePrefix(endingAt: here)
        default: break
        }
        return nil
    }

    private mutating func readString(_ byte: UInt8, from start: Int, at here: Int) {
        if isEscaped {
            isEscaped = false
        } else if byte == Byte.backslash {
            isEscaped = true
        } else if byte == Byte.quote {
            stringStart = nil
            if !frames.isEmpty { frames[frames.count - 1].latestString = (start + 1)..<here }
        }
    }

    /// Whether `byte` is the first one after the outermost bracket.
    private func isFirst(_ byte: UInt8, at here: Int) -> Bool {
        guard frames.count == 1, !Byte.spaces.contains(byte) else { return false }
        return bytes[(frames[0].start + 1)..<here].allSatisfy(Byte.spaces.contains)
    }

    /// Whether `byte` can begin what the outermost bracket holds: members in an object, objects or lists in a list.
    private func fits(_ byte: UInt8) -> Bool {
        frames[0].isArray
            ? byte == Byte.openObject || byte == Byte.openArray || byte == Byte.closeArray
            : byte == Byte.quote || byte == Byte.closeObject
    }

    private mutating func close(array: Bool) {
        if frames.last?.isArray == array { frames.removeLast() } else { frames = [] }
    }

    /// The key under which the next value of the innermost object stands.
    private var pendingKey: String {
        guard let frame = frames.last, !frame.isArray else { return "" }
        return String(decoding: bytes[frame.latestString], as: UTF8.self)
    }

    /// Whether the object at this depth stands in the place of a guess: alone, in a bare list, or under `guesses`.
    private func isGuess(at depth: Int) -> Bool {
        switch depth {
        case 0: !holdsGuesses
        case 1: frames[0].isArray
        case 2: !frames[0].isArray && frames[1].isArray && Self.guessKeys.contains(frames[1].key)
        default: false
        }
    }

    private static let guessKeys: Set<String> = ["guesses", "predictions"]

    /// Whether the outermost object is the one around all guesses. Its own end brings no news then.
    private var holdsGuesses: Bool {
        guard let value = try? JSON(parsing: bytes[frames[0].start..<position]) else { return false }
        return Self.guessKeys.contains { value[$0] != nil }
    }

    /// Remembers how far the open guess is complete, when a call of it has just ended.
    private mutating func notePrefix(endingAt here: Int) {
        guard frames.count >= 3, frames[frames.count - 2].key == "calls" else { return }
        let guess = frames.count - 3
        guard isOpenGuess(at: guess) else { return }
        prefix = (frames[guess].start, here + 1, [Byte.closeArray, Byte.closeObject])
    }

    private func isOpenGuess(at depth: Int) -> Bool {
        depth == 0 || isGuess(at: depth)
    }
}
