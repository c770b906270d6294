import ForerunCore
import ForerunStore

/// What a branch changed, as far as the calls that made it say so.
///
/// A layer is gone once it was discarded; the log has the calls. Edits and whole files become a difference; of what a command did,
/// only the command is known.
struct BranchChange: Sendable {
    private struct Step: Sendable {
        var call: Call
        var world: Int
        var isError: Bool
        var lines: [LineDifference.Line]?
        /// The file was not known before: all of it counts as new.
        var isWhole = false
    }

    /// Worlds that a branch may build on, at most: a log may say anything.
    private static let deepest = 200

    private let branch: RunTimeline.Branch
    private var steps: [Step] = []

    /// `nil`: there is no such branch.
    init?(_ timeline: RunTimeline, world: Int) {
        let branches = Dictionary(timeline.branches.map { ($0.world, $0) }) { $1 }
        guard let branch = branches[world] else { return nil }
        self.branch = branch
        // A branch builds on others that were not committed yet when it was forked.
        var chain = [branch]
        while let last = chain.last, let parent = branches[last.parent], chain.count < Self.deepest,
            parent.fate != .committed || parent.end > branch.start
        {
            if chain.contains(where: { $0.world == parent.world }) { break }
            chain.append(parent)
        }
        let calls = Dictionary(
            timeline.spans.compactMap { span -> (Int, (Call, Bool))? in
                if case .call(let call, _) = span.subject { (span.work, (call, span.isError)) } else { nil }
            }
        ) { $1 }
        var files = Self.filesWritten(timeline, before: branch.start)
        for link in chain.reversed() {
            guard let (call, isError) = calls[link.work] else { continue }
            var step = Step(call: call, world: link.world, isError: isError)
            if !isError, let path = call.arguments["path"]?.stringValue {
                if let old = call.arguments["old_text"]?.stringValue, let new = call.arguments["new_text"]?.stringValue
                {
                    step.lines = LineDifference.lines(old, new)
                    if let text = files[path], let place = text.range(of: old) {
                        files[path] = text.replacingCharacters(in: place, with: new)
                    }
                } else if let new = call.arguments["content"]?.stringValue {
                    step.isWhole = files[path] == nil
                    step.lines = LineDifference.lines(files[path] ?? "", new)
                    files[path] = new
                }
            }
            steps.append(step)
        }
    }

    /// Files whose whole content the committed path has written before a moment.
    private static func filesWritten(_ timeline: RunTimeline, before time: Double) -> [String: String] {
        var files: [String: String] = [:]
        for (number, turn) in timeline.record.turns.enumerated() where (timeline.turnTimes[number] ?? .infinity) <= time
        {
            for taken in turn.calls where !taken.output.isError && turn.answer.calls.indices.contains(taken.index) {
                let call = turn.answer.calls[taken.index]
                guard let path = call.arguments["path"]?.stringValue else { continue }
                if let content = call.arguments["content"]?.stringValue {
                    files[path] = content
                } else if let old = call.arguments["old_text"]?.stringValue,
                    let new = call.arguments["new_text"]?.stringValue, let text = files[path],
                    let place = text.range(of: old)
                {
                    files[path] = text.replacingCharacters(in: place, with: new)
                }
            }
        }
        return files
    }

    var json: JSON {
        [
            "world": .int(branch.world), "from": .int(branch.parent), "fate": .string(branch.fate.rawValue),
            "steps": .array(
                steps.map { step in
                    [
                        "world": .int(step.world), "call": step.call.json, "error": .bool(step.isError),
                        "path": step.lines == nil ? .null : step.call.arguments["path"] ?? .null,
                        "whole": .bool(step.isWhole),
                        "lines": step.lines.map { lines in
                            .array(lines.map { [.string(String($0.mark)), .string($0.text)] })
                        } ?? .null,
                    ]
                }),
        ]
    }
}

extension String {
    /// Where `text` occurs first.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        text.isEmpty ? nil : utf8.firstRange(of: text.utf8)
    }

    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
