import Dispatch
import ForerunCore
import Glibc
import Synchronization

/// The person at the terminal, who is asked before calls that need it. Without a terminal everything asked is denied.
package final class TerminalUser: Sendable {
    private let console: Console
    private let style: ViewStyle
    private let canAsk: Bool
    private let queue = DispatchQueue(label: "forerun.question")
    private let denials = Atomic<Int>(0)

    package init(_ console: Console, style: ViewStyle, canAsk: Bool) {
        self.console = console
        self.style = style
        self.canAsk = canAsk
    }

    /// Calls that were denied since nobody could be asked.
    package var deniedUnasked: Int { denials.load(ordering: .relaxed) }

    package var runUser: RunUser { RunUser(approve: { await self.approve($0) }) }

    private func approve(_ call: Call) async -> Bool {
        guard canAsk else {
            denials.add(1, ordering: .relaxed)
            return false
        }
        await console.suspend()
        OutputFile.error.write(question(call))
        let answer = await line()
        console.resume()
        return ["y", "yes"].contains(answer?.lowercased() ?? "")
    }

    private func question(_ call: Call) -> String {
        let whole = call.summary(limit: .max)
        return "\(style.paint("May this run?", .bold)) \(whole)\n\(style.paint("[y/N]", .bold)) "
    }

    /// The next line from the terminal; `nil` at its end, or once nobody waits for it any more.
    private func line() async -> String? {
        let isOver = Flag()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    // What was typed before the question was no answer to it.
                    tcflush(0, TCIFLUSH)
                    continuation.resume(returning: Self.readLine { isOver.isSet })
                }
            }
        } onCancel: {
            isOver.set()
        }
    }

    private static func readLine(until isOver: () -> Bool) -> String? {
        var bytes: [UInt8] = []
        while !isOver() {
            var poller = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 100) > 0 else { continue }
            var byte: UInt8 = 0
            let count = read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") {
                return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
            }
            bytes.append(byte)
        }
        return nil
    }

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }
}
