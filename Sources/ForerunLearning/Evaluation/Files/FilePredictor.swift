import ForerunCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Says which files the next call opens: a log-linear choice among those that the run has opened or spoken of, and those that
/// runs often make. Learnt with AdaGrad (Duchi, Hazan and Singer, 2011).
package struct FilePredictor {
    private static let rate: Float = 0.1
    /// Candidates, the latest ones; and names that runs often make.
    private static let candidates = 80
    private static let usualNames = 6
    private static let features = 1 << 12

    private var weights = [SIMD2<Float>](repeating: .zero, count: features)
    /// In how many runs a file was opened that nobody had named.
    private var names: [String: Int] = [:]
    private var usual: [String] = []

    package init() {}

    package mutating func learn(_ run: RecordedRun) {
        var fresh: Set<String> = []
        FileRun.follow(run) { trail, next in
            fresh.formUnion(next.filter { path in !trail.entries.contains { $0.path == path } })
            let (paths, features) = candidates(trail)
            guard let came = paths.firstIndex(where: next.contains) else { return }
            let probabilities = probabilities(features)
            for (index, features) in features.enumerated() {
                let gradient = probabilities[index] - (index == came ? 1 : 0)
                guard abs(gradient) > 0.01 else { continue }
                for feature in features {
                    weights[feature].y += gradient * gradient
                    weights[feature].x -= Self.rate * gradient / (weights[feature].y + 0.1).squareRoot()
                }
            }
        }
        for path in fresh { names[path, default: 0] += 1 }
        usual = names.filter { $0.value > 1 }.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
            .prefix(Self.usualNames).map(\.key)
    }

    /// The three files that are most probably among those that the next call opens.
    func predict(_ trail: FileTrail) -> [String] {
        let (paths, features) = candidates(trail)
        let scores = features.map(score)
        return paths.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(3).map { paths[$0] }
    }

    private func score(_ features: [Int]) -> Float { features.reduce(0) { $0 + weights[$1].x } }

    private func probabilities(_ features: [[Int]]) -> [Float] {
        let scores = features.map { Double(score($0)) }
        let greatest = scores.max() ?? 0
        let powers = scores.map { exp($0 - greatest) }
        let sum = powers.reduce(0, +)
        return powers.map { Float($0 / sum) }
    }

    private func candidates(_ trail: FileTrail) -> (paths: [String], features: [[Int]]) {
        let latest = trail.entries.indices
            .sorted { (trail.entries[$0].latest, $0) > (trail.entries[$1].latest, $1) }.prefix(Self.candidates)
        var paths = latest.map { trail.entries[$0].path }
        var features = latest.map { Self.features(of: $0, trail) }
        for (rank, path) in usual.enumerated() where !paths.contains(path) {
            paths.append(path)
            features.append([Self.feature(12, rank), Self.feature(13, trail.lastKind.rawValue << 3 | rank)])
        }
        return (paths, features)
    }

    private static func feature(_ kind: Int, _ value: Int) -> Int { kind << 8 | min(value, 255) }

    private static func features(of number: Int, _ trail: FileTrail) -> [Int] {
        let entry = trail.entries[number]
        let rank = min(trail.opened.lastIndex(of: number).map { trail.opened.count - 1 - $0 } ?? 7, 7)
        let age = level(trail.step - entry.latest)
        let isHere = entry.lastNamed == trail.step
        let place = isHere ? min(entry.place, 6) : 7
        let kind = trail.lastKind.rawValue
        let isTest = entry.path.contains("test") ? 1 : 0
        let last = trail.opened.last.map { trail.entries[$0].path } ?? ""
        let lastIsTest = last.contains("test") ? 1 : 0
        return [
            feature(0, rank), feature(1, rank << 2 | kind), feature(2, rank << 2 | entry.lastKind.rawValue),
            feature(3, level(entry.opened) << 3 | rank), feature(4, place), feature(5, place << 2 | kind),
            feature(6, age << 1 | (entry.opened > 0 ? 1 : 0)), feature(7, level(entry.named)),
            feature(8, (entry.isSpoken ? 1 : 0) | (entry.opened > 0 ? 2 : 0)),
            feature(9, isTest | lastIsTest << 1 | kind << 2 | (entry.opened > 0 ? 16 : 0)),
            feature(10, place << 3 | rank), feature(11, directory(entry.path) == directory(last) ? 1 : 0),
            feature(14, entry.lastChanged > 0 ? min(level(trail.step - entry.lastChanged), 7) << 2 | kind : 255),
        ]
    }

    private static func level(_ number: Int) -> Int {
        number < 3 ? max(0, number) : number < 5 ? 3 : number < 9 ? 4 : number < 17 ? 5 : number < 40 ? 6 : 7
    }

    private static func directory(_ path: String) -> Substring {
        path.lastIndex(of: "/").map { path[..<$0] } ?? ""
    }
}

extension FileTrail.Entry {
    /// The step at which it was last opened or named.
    fileprivate var latest: Int { max(lastOpened, lastNamed) }
}
