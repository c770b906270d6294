import OrderedCollections

extension SpeculationTree {
    /// Text of an answer asked ahead is held until the answer is confirmed to be on the path, then flows on.
    mutating func releaseText() {
        guard phase == .asking, let request = request(at: root.transcript),
            let id = answers[answerKey(request, turn: root.turn)]
        else { return }
        release(id)
    }

    mutating func release(_ id: WorkID) {
        guard let text = works[id]?.answer.unreleased, !text.isEmpty else { return }
        works[id]?.answer.unreleased = ""
        works[id]?.answer.hasReleased = true
        emit(.release(.text(text, turn: root.turn)))
    }
}
