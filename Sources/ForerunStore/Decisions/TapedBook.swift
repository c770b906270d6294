import ForerunCore
import Synchronization

/// Judges calls as another book does, and keeps what it said: permissions and paths are not there when decisions are made
/// again.
///
/// A verdict is `r`, `c` or `e` for the effect, with `?` where a person must agree, `!` where it is restricted ahead and `o` where
/// it reads outside, with the seconds that such a read lives and `;` where it does not for ever; or `x` for a call that is
/// rejected, `X` where its arguments counted with their defaults.
final class TapedBook: CallBook {
    private let book: any CallBook
    private let tape = Mutex(VerdictTape())

    init(_ book: any CallBook) { self.book = book }

    func judge(_ call: Call) -> JudgedCall {
        let judged = book.judge(call)
        tape.withLock { $0.add(judged) }
        return judged
    }

    /// What was said since the last time; begins anew.
    func take() -> VerdictTape {
        tape.withLock { tape in
            guard !tape.isEmpty else { return VerdictTape() }
            defer { tape = VerdictTape() }
            return tape
        }
    }
}

/// What a book said of calls, in order.
struct VerdictTape: Sendable {
    var codes: [UInt8] = []
    /// Of those that were rejected.
    var outputs: [Output] = []

    var isEmpty: Bool { codes.isEmpty }

    mutating func add(_ later: VerdictTape) {
        codes += later.codes
        outputs += later.outputs
    }

    mutating func add(_ judged: JudgedCall) {
        switch judged.verdict {
        case .perform(let traits):
            let effect =
                switch traits.effect {
                case .readOnly: UInt8(ascii: "r")
                case .contained: UInt8(ascii: "c")
                case .external: UInt8(ascii: "e")
                }
            codes.append(effect)
            if traits.needsApproval { codes.append(UInt8(ascii: "?")) }
            if traits.isRestrictedAhead { codes.append(UInt8(ascii: "!")) }
            guard case .outside(let life) = traits.reads else { return }
            codes.append(UInt8(ascii: "o"))
            if let life { codes += "\(life);".utf8 }
        case .reject(let output):
            let isRaw = judged.identity.arguments == judged.call.arguments
            codes.append(isRaw ? UInt8(ascii: "x") : UInt8(ascii: "X"))
            outputs.append(output)
        }
    }
}

/// Says again of calls what another book said of them, in the same order.
final class PlayedBook: CallBook {
    private struct State {
        var codes: ArraySlice<UInt8> = []
        var outputs: ArraySlice<Output> = []
        var isOff = false
    }

    private let schemas: [String: JSONSchema]
    private let state = Mutex(State())

    /// - Parameter tools: their schemas have the defaults that arguments are filled up with.
    init(tools: [Tool]) {
        var schemas: [String: JSONSchema] = [:]
        for tool in tools { schemas[tool.name] = try? JSONSchema(tool.parameters) }
        self.schemas = schemas
    }

    func play(_ tape: VerdictTape) {
        state.withLock { $0 = State(codes: tape.codes[...], outputs: tape.outputs[...]) }
    }

    /// All was asked for, and nothing else.
    var isExhausted: Bool { state.withLock { $0.codes.isEmpty && $0.outputs.isEmpty && !$0.isOff } }

    func judge(_ call: Call) -> JudgedCall {
        let (verdict, isRaw) = state.withLock { Self.next(&$0) }
        let schema = isRaw ? nil : schemas[call.name]
        let arguments = schema.map { $0.fillingDefaults(in: call.arguments) } ?? call.arguments
        return JudgedCall(call, identity: CallIdentity(name: call.name, arguments: arguments), verdict: verdict)
    }

    private static func next(_ state: inout State) -> (CallVerdict, isRaw: Bool) {
        let effect: Effect
        switch state.codes.popFirst() {
        case UInt8(ascii: "r"): effect = .readOnly
        case UInt8(ascii: "c"): effect = .contained
        case UInt8(ascii: "e"): effect = .external
        case let code? where code == UInt8(ascii: "x") || code == UInt8(ascii: "X"):
            if let output = state.outputs.popFirst() { return (.reject(output), code == UInt8(ascii: "x")) }
            fallthrough
        default:
            state.isOff = true
            return (.reject(Output("", isError: true)), true)
        }
        var traits = CallTraits(effect: effect)
        while let code = state.codes.first, !"rcexX".utf8.contains(code) {
            state.codes.removeFirst()
            switch code {
            case UInt8(ascii: "?"): traits.needsApproval = true
            case UInt8(ascii: "!"): traits.isRestrictedAhead = true
            case UInt8(ascii: "o"):
                traits.reads = .outside(timeToLive: nil)
                guard let end = state.codes.firstIndex(of: UInt8(ascii: ";")),
                    let life = Double(String(decoding: state.codes[..<end], as: UTF8.self))
                else { break }
                traits.reads = .outside(timeToLive: life)
                state.codes = state.codes[(end + 1)...]
            default: state.isOff = true
            }
        }
        return (.perform(traits), false)
    }
}
