import ForerunCore

/// How often a file that the next call opens was among three that were predicted, in calls that open any.
package struct FileScore: Sendable {
    package private(set) var calls = 0
    /// Of ``FilePredictor``.
    package private(set) var predicted = 0
    /// Of the last three files that were opened: the simple rule.
    package private(set) var lastOpened = 0
    /// Of the last three files that were changed: the same rule, where to touch a file means to write to it.
    package private(set) var lastChanged = 0
    /// Calls that the simple rule misses, and how many of them ``FilePredictor`` got.
    package private(set) var missed = 0
    package private(set) var predictedOfMissed = 0

    package init() {}

    package mutating func add(_ run: RecordedRun, _ predictor: FilePredictor) {
        FileRun.follow(run) { trail, next in
            calls += 1
            let isPredicted = predictor.predict(trail).contains(where: next.contains)
            let isLast = trail.opened.suffix(3).contains { next.contains(trail.entries[$0].path) }
            let changed = trail.entries.filter { $0.lastChanged > 0 }.sorted { $0.lastChanged < $1.lastChanged }
            if changed.suffix(3).contains(where: { next.contains($0.path) }) { lastChanged += 1 }
            if isPredicted { predicted += 1 }
            if isLast {
                lastOpened += 1
            } else {
                missed += 1
                if isPredicted { predictedOfMissed += 1 }
            }
        }
    }
}

/// A run, as far as files go.
enum FileRun {
    /// Calls `body` before each call that opens files, with the run so far and the files; what the model says beside a call
    /// comes after it.
    static func follow(_ run: RecordedRun, _ body: (FileTrail, Set<String>) -> Void) {
        var trail = FileTrail(workingDirectory: run.workingDirectory)
        for step in run.steps {
            switch step {
            case .message(let text): trail.name(in: text, isSpoken: true)
            case .turn(let turn):
                for call in turn.calls {
                    let files = OpenedFiles(call.call)
                    if !files.paths.isEmpty {
                        trail.enter(files)
                        body(trail, Set(trail.paths(files)))
                    }
                    trail.open(files)
                }
                trail.name(in: turn.text, isSpoken: true)
                for call in turn.calls { trail.name(in: call.output?.text ?? "", isSpoken: false) }
            }
        }
    }
}
