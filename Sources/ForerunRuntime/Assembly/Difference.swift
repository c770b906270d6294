import ForerunCore

/// Where two runs differ, in words.
enum Difference {
    /// Empty if transcript and world are the same.
    static func between(_ a: RunReport, _ b: RunReport) -> [String] {
        var differences: [String] = []
        if a.end.label != b.end.label { differences.append("one run ended \(a.end.label), the other \(b.end.label)") }
        let left = a.transcript.entries
        let right = b.transcript.entries
        if let index = zip(left, right).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
            differences.append(
                "entry \(index + 1) of the transcript: \(summary(left[index])) against \(summary(right[index]))")
        } else if left.count != right.count {
            differences.append("the transcripts have \(left.count) and \(right.count) entries")
        } else if a.digest != b.digest {
            differences.append("the transcripts are the same, the worlds are not")
        }
        return differences
    }

    private static func summary(_ entry: Transcript.Entry) -> String {
        let text = entry.json.canonicalText
        return text.count > 160 ? String(text.prefix(157)) + "…" : text
    }
}
