import OrderedCollections

/// A digest of what the core commanded: the same commands have the same one, in every process and on every machine.
///
/// It is there to find out where two runs of the core first differ, and is made at every step: so it takes in what is decided,
/// of texts only their size and how they begin, and of a transcript its sizes and its end. How text for the user was cut
/// into pieces does not count.
package struct CommandDigest: Sendable {
    /// Bytes of the beginning of a text that count.
    package static let headLimit = 48

    private var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    /// Commands so far, without text for the user.
    package private(set) var count = 0
    private var releasedBytes = 0
    private var releasedTurn = 0

    package init() {}

    /// Whether nothing was commanded.
    package var isEmpty: Bool { count == 0 && releasedBytes == 0 }

    /// The digest of everything added so far.
    package var value: UInt32 {
        var last = self
        if releasedBytes > 0 {
            last.mix(releasedTurn)
            last.mix(releasedBytes)
        }
        return UInt32(truncatingIfNeeded: last.state ^ last.state >> 32)
    }

    package mutating func add(_ commands: [Command]) { for command in commands { add(command) } }

    private mutating func add(_ command: Command) {
        if case .release(.text(let text, let turn)) = command {
            releasedBytes += text.utf8.count
            releasedTurn = turn
            return
        }
        count += 1
        switch command {
        case .ask(let id, let request, let lane, let attempt, let isWatched):
            mix(1, id.number, attempt, isWatched ? 1 : 0)
            mix(lane)
            mix(request)
        case .predict(let id, let speculator, let context):
            mix(2, id.number, speculator, context.turnNumber)
            mix(context.width)
            mix(context.request)
        case .fork(let world, let parent): mix(3, world.number, parent.number)
        case .perform(let id, let call, let world, let lane, let isRestricted, let attempt):
            mix(4, id.number, world.number, attempt)
            mix(lane)
            mix(isRestricted ? 1 : 0)
            mix(call)
        case .promote(let id): mix(5, id.number)
        case .cancel(let id): mix(6, id.number)
        case .commit(let world): mix(7, world.number)
        case .discard(let world): mix(8, world.number)
        case .record(let event):
            mix(9)
            mix(event)
        case .release(.text): break
        case .release(.withdrawn(let turn)): mix(10, turn)
        case .requestApproval(let id, let call):
            mix(11, id.turn, id.index)
            mix(call)
        case .wake(.retry(let id), let moment):
            mix(12, id.number)
            mix(moment)
        case .wake(.timeLimit, let moment):
            mix(13)
            mix(moment)
        case .substitute(let role, let number):
            mix(14, number)
            mix(role)
        case .observe(let turn, let context):
            mix(15, turn.calls.count, context.turnNumber, context.width)
            mix(context.request)
        case .awaitMessage: mix(16)
        case .finish(let end):
            mix(17)
            mix(end)
        }
    }

    // MARK: - Parts

    private mutating func mix(_ end: RunEnd) {
        switch end {
        case .finished: mix(1)
        case .limit(let kind):
            mix(2)
            mix(kind.rawValue)
        case .endpointFailed(let failure):
            mix(3)
            mix(failure.kind.description)
        case .environmentFailed(let failure):
            mix(4)
            mix(failure.code.description)
        case .interrupted: mix(5)
        }
    }

    private mutating func mix(_ event: RunEvent) {
        switch event {
        case .asked(let work, let turn, let lane, let attempt):
            mix(1, work, turn, attempt)
            mix(lane)
        case .answered(let work, let lane, let seconds):
            mix(2, work)
            mix(lane)
            mix(seconds)
        case .answerFailed(let turn, let failure, let attempt, let of, let wait):
            mix(3, turn, attempt, of)
            mix(failure.kind.description)
            mix(wait ?? -1)
        case .fellBack(let fallback):
            mix(4, fallback.turn)
            mix(fallback.to)
        case .charged(let charge):
            mix(5, charge.work, charge.turn, charge.usage.total)
            mix(charge.outcome.rawValue)
            mix(charge.money ?? -1)
        case .turnTaken(let turn, let role, let answer, let usage, let isHit, let seconds):
            mix(6, turn, answer.calls.count, isHit ? 1 : 0)
            mix(role)
            mix(usage?.total ?? -1)
            mix(seconds)
        case .predicted(let turn, let source, let rank, let calls, let probability, let confidence):
            mix(7, turn, rank, calls.count)
            mix(source)
            mix(probability)
            mix(confidence ?? -1)
        case .forked(let world, let from, let work): mix(8, world, from, work)
        case .performed(let work, let call, let world, let lane, let effect):
            mix(9, work, world)
            mix(lane)
            mix(call.name)
            mix(effect?.rawValue ?? "")
        case .callFinished(let work, let lane, let seconds, let isError):
            mix(10, work, isError ? 1 : 0)
            mix(lane)
            mix(seconds)
        case .callTaken(let turn, let index, let call, let output, let isHit, let seconds, let effect, let work):
            mix(11, turn, index, work ?? -1)
            mix(call.name)
            mix(output.text)
            mix(isHit ? 1 : 0, output.isError ? 1 : 0, output.endsEpisode ? 1 : 0)
            mix(seconds)
            mix(effect?.rawValue ?? "")
        case .promoted(let work): mix(12, work)
        case .cancelled(let work, let seconds):
            mix(13, work)
            mix(seconds)
        case .committed(let world, let turn, let call): mix(14, world, turn, call)
        case .discarded(let world): mix(15, world)
        case .approvalRequested(let turn, let index, let call):
            mix(16, turn, index)
            mix(call.name)
        case .approvalAnswered(let turn, let index, let granted): mix(17, turn, index, granted ? 1 : 0)
        case .messageAwaited(let turn): mix(18, turn)
        case .messageJoined(let turn, let text):
            mix(19, turn)
            mix(text)
        case .halted(let turn): mix(20, turn)
        case .speculationSwitched(let turn, let change):
            mix(21, turn, change.isOn ? 1 : 0, change.pause)
            mix(change.source ?? "")
            mix(change.saved)
            mix(change.spent)
        }
    }

    private mutating func mix(_ request: ModelRequest) {
        mix(request.role.name)
        let transcript = request.transcript
        mix(transcript.count, transcript.turns, transcript.size, transcript.successes)
        switch transcript.last {
        case .message(let text)?: mix(text)
        case .turn(let turn)?: mix(turn.calls.count)
        case .output(let call, let output)?:
            mix(call)
            mix(output.text)
        case nil: break
        }
    }

    private mutating func mix(_ call: Call) {
        mix(call.name)
        mix(call.arguments)
        if let malformed = call.malformed { mix(malformed) }
    }

    private mutating func mix(_ json: JSON) {
        switch json {
        case .null: mix(1)
        case .bool(let value): mix(value ? 2 : 3)
        case .number(let number): mix(number.literal)
        case .string(let text): mix(text)
        case .array(let elements):
            mix(elements.count)
            for element in elements { mix(element) }
        case .object(let members):
            mix(members.count)
            for (name, value) in members {
                mix(name)
                mix(value)
            }
        }
    }

    private mutating func mix(_ lane: Lane) {
        switch lane {
        case .active: mix(1)
        case .shadow: mix(2)
        case .ending: mix(3)
        }
    }

    private mutating func mix(_ text: String) {
        mix(text.utf8.count)
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { mix(UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(text.utf8).withUnsafeBytes { mix($0) } }
    }

    private mutating func mix(_ bytes: UnsafeRawBufferPointer) {
        let end = min(bytes.count, Self.headLimit)
        var place = 0
        while place + 8 <= end {
            word(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
        }
        var rest: UInt64 = 0
        while place < end {
            rest = rest << 8 | UInt64(bytes[place])
            place += 1
        }
        word(rest)
    }

    private mutating func mix(_ value: Double) { word(value.bitPattern) }

    private mutating func mix(_ first: Int, _ second: Int = 0, _ third: Int = 0, _ fourth: Int = 0) {
        word(UInt64(bitPattern: Int64(first)))
        if (second | third | fourth) != 0 {
            word(UInt64(bitPattern: Int64(second)))
            word(UInt64(bitPattern: Int64(third)))
            word(UInt64(bitPattern: Int64(fourth)))
        }
    }

    private mutating func word(_ word: UInt64) {
        // Multiplied and folded: each bit of a word reaches all of the digest.
        let product = (state ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
        state = product.high ^ product.low &+ 0xe703_7ed1_a0b4_28db
    }
}
