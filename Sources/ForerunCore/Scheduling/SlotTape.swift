/// What the scheduler answered while one event was decided, in order.
///
/// The scheduler belongs to the whole process: what it grants depends on other runs and on what endpoints say. With its
/// answers at hand, the decisions of one run can be made again without all that.
///
/// As ASCII, without a quotation mark or a backslash: `1` and `0` for a bid that was granted or refused, `y` and `n` for a rate
/// limit that leaves room or does not, a letter from `A` for the room that there was (`A`: none; from 25 on `Z`, the number
/// and `;`), `-` for nothing to revoke in this run, `#`, the number of the work and `;` for a victim of its own.
package struct SlotTape: Sendable {
    private enum Mode: Sendable { case off, recording, replaying }

    private var mode = Mode.off
    /// What was recorded, or is played.
    package private(set) var answers: [UInt8] = []
    private var next = 0
    /// What was asked last is not what had been asked: it was answered otherwise, or not at all.
    package private(set) var isOff = false
    /// Of slots alone, how often the scheduler itself would have given another answer than the one that was played.
    package private(set) var disagreements = 0

    package init() {}

    /// Everything that was played was asked for, and nothing else.
    package var isExhausted: Bool { !isOff && next == answers.count }

    /// From here on, answers are kept.
    package mutating func record() {
        mode = .recording
        answers.removeAll(keepingCapacity: true)
    }

    package mutating func stop() { mode = .off }

    /// From here on, these answers are given.
    package mutating func play(_ answers: [UInt8]) {
        mode = .replaying
        self.answers = answers
        next = 0
        isOff = false
    }

    // MARK: - The scheduler's side: what it would answer, and what counts.

    mutating func granted(_ answer: Bool) -> Bool {
        switch mode {
        case .off: return answer
        case .recording:
            answers.append(answer ? UInt8(ascii: "1") : UInt8(ascii: "0"))
            return answer
        case .replaying:
            guard let played = take(UInt8(ascii: "1"), UInt8(ascii: "0")) else { return answer }
            if played != answer { disagreements += 1 }
            return played
        }
    }

    mutating func admitted(_ answer: Bool) -> Bool {
        switch mode {
        case .off: return answer
        case .recording:
            answers.append(answer ? UInt8(ascii: "y") : UInt8(ascii: "n"))
            return answer
        case .replaying: return take(UInt8(ascii: "y"), UInt8(ascii: "n")) ?? answer
        }
    }

    mutating func room(_ answer: Int) -> Int {
        switch mode {
        case .off: return answer
        case .recording:
            answers.append(UInt8(ascii: "A") + UInt8(min(answer, 25)))
            if answer >= 25 { append(answer) }
            return answer
        case .replaying:
            guard let letter = take({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else { return answer }
            let short = Int(letter - UInt8(ascii: "A"))
            guard let played = short < 25 ? short : takeNumber() else { return answer }
            if played != answer { disagreements += 1 }
            return played
        }
    }

    mutating func revoked(_ answer: WorkID?) -> WorkID? {
        switch mode {
        case .off: return answer
        case .recording:
            answers.append(answer == nil ? UInt8(ascii: "-") : UInt8(ascii: "#"))
            if let answer { append(answer.number) }
            return answer
        case .replaying:
            guard let isNothing = take(UInt8(ascii: "-"), UInt8(ascii: "#")) else { return answer }
            let played = isNothing ? nil : takeNumber().map { WorkID($0) }
            if played != answer { disagreements += 1 }
            return played
        }
    }

    private mutating func append(_ number: Int) {
        answers += String(number).utf8
        answers.append(UInt8(ascii: ";"))
    }

    private mutating func take(_ isFine: (UInt8) -> Bool) -> UInt8? {
        guard !isOff, next < answers.count, isFine(answers[next]) else {
            isOff = true
            return nil
        }
        defer { next += 1 }
        return answers[next]
    }

    private mutating func take(_ yes: UInt8, _ no: UInt8) -> Bool? { take { $0 == yes || $0 == no }.map { $0 == yes } }

    private mutating func takeNumber() -> Int? {
        var digits: [UInt8] = []
        while let digit = take({ $0 == UInt8(ascii: ";") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            if digit == UInt8(ascii: ";") { return Int(String(decoding: digits, as: UTF8.self)) }
            guard digits.count < 12 else { break }
            digits.append(digit)
        }
        isOff = true
        return nil
    }
}
