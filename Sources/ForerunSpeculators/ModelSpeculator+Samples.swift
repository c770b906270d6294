import ForerunCore
import Synchronization

extension ModelSpeculator {
    /// Counts how many samples agree: the share of them is the confidence in a guess.
    final class SampleTally: Sendable {
        private struct Item: Sendable {
            var turn: Turn
            var count: Int
        }

        private let samples: Int
        private let emit: @Sendable ([Prediction]) -> Void
        /// In order of arrival, so that guesses of equal counts keep their ranks.
        private let items = Mutex<[Item]>([])

        init(samples: Int, emit: @escaping @Sendable ([Prediction]) -> Void) {
            self.samples = samples
            self.emit = emit
        }

        /// Takes the guess of one sample, and tells anew of all that there are.
        func add(_ turn: Turn) {
            let predictions = items.withLock { items in
                if let known = items.firstIndex(where: { $0.turn.calls == turn.calls }) {
                    items[known].count += 1
                } else {
                    items.append(Item(turn: turn, count: 1))
                }
                let order = items.indices.sorted { (items[$0].count, $1) > (items[$1].count, $0) }
                return order.enumerated().map { rank, index in
                    Prediction(items[index].turn, confidence: Double(items[index].count) / Double(samples), rank: rank)
                }
            }
            if !Task.isCancelled { emit(predictions) }
        }
    }
}
