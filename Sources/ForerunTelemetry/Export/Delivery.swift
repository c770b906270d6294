/// Sends requests and, where one fails that may succeed later, sends it again after a while.
struct Delivery: Sendable {
    let sender: Sender
    let progress: Progress
    let sleeper: Sleeper

    /// - Returns: how much of it was lost, all of it where nothing is said, and why; `nil`: nothing was.
    func deliver(_ body: [UInt8]) async -> (items: Int?, reason: String)? {
        var schedule = RetrySchedule()
        while true {
            switch await sender.send(body) {
            case .accepted(0, _): return nil
            case .accepted(let count, let message):
                // Words of others: short, on one line.
                let words = message.prefix(200).split(whereSeparator: \.isNewline).joined(separator: " ")
                return (count, words.isEmpty ? "the collector refused them" : "the collector says: \(words)")
            case .refused(let reason): return (nil, reason)
            case .failed(let reason, let retryAfter):
                guard !progress.isUrgent,
                    let wait = schedule.wait(retryAfter: retryAfter, jitter: .random(in: 0...1))
                else { return (nil, reason) }
                await sleep(wait) { true }
                // Once more, where somebody waits now; not for nothing at all.
                if progress.isStopped { return (nil, reason) }
            }
        }
    }

    /// Sleeps as long as `goesOn`, and nobody waits for what is exported.
    func sleep(_ seconds: Double, while goesOn: () -> Bool) async {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        while clock.now < end, !progress.isUrgent, goesOn() {
            let left = (end - clock.now).components
            await sleeper.sleep(Double(left.seconds) + Double(left.attoseconds) * 1e-18)
        }
    }
}
