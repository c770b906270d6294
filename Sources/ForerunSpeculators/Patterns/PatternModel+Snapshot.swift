import ForerunCore

extension PatternModel {
    private static let magic = Array("forerun.patterns".utf8)
    private static let version: UInt64 = 2
    private static let digestBytes = 32

    /// Everything that was learnt, to be kept for later runs: equal models have equal bytes.
    ///
    /// - Parameter limit: bytes. Where there is too much, the features that learnt least are left out.
    package func snapshot(limit: Int = 8 << 20) -> [UInt8] {
        var writer = SnapshotWriter()
        writer.bytes = Self.magic
        writer.write(Self.version)
        writer.write(runs)
        writer.write(callCount)
        writer.write(tools.count)
        for tool in tools { write(tool, to: &writer) }
        writer.write(arguments.count)
        for argument in arguments { write(argument, to: &writer) }
        for calibrator in [calibrator, givenCalls] {
            for value in calibrator.slopes + calibrator.offsets { writer.write(value.bitPattern) }
            writer.write(calibrator.count)
        }
        writeWeights(to: &writer, limit: max(0, limit - writer.bytes.count - Self.digestBytes))
        var digest = StableDigest()
        digest.update(writer.bytes)
        return writer.bytes + digest.bytes
    }

    /// - Throws: where `snapshot` is of another kind or version, or damaged. It is then best begun anew.
    package init(snapshot: [UInt8]) throws(SnapshotError) {
        self.init()
        guard snapshot.count > Self.magic.count + Self.digestBytes, snapshot.starts(with: Self.magic) else {
            throw SnapshotError(description: "no snapshot of a pattern model")
        }
        var digest = StableDigest()
        digest.update(snapshot.dropLast(Self.digestBytes))
        guard digest.bytes == Array(snapshot.suffix(Self.digestBytes)) else {
            throw SnapshotError(description: "the snapshot of the pattern model is damaged")
        }
        var reader = SnapshotReader(snapshot.dropLast(Self.digestBytes).dropFirst(Self.magic.count))
        let version = try reader.number()
        guard version == Self.version else {
            throw SnapshotError(
                description: "the snapshot is of version \(version), this program reads \(Self.version): learn again")
        }
        runs = try reader.count()
        callCount = try reader.count()
        for _ in 0..<(try reader.count()) { try readTool(&reader) }
        for _ in 0..<(try reader.count()) { try readArgument(&reader) }
        calibrator = try Self.readCalibrator(&reader)
        givenCalls = try Self.readCalibrator(&reader)
        try readWeights(&reader)
        guard reader.isAtEnd else { throw SnapshotError(description: "the snapshot goes on behind its end") }
    }

    private func write(_ tool: ToolKnowledge, to writer: inout SnapshotWriter) {
        writer.write(tool.name)
        writer.write(tool.unit)
        writer.write(tool.calls)
        writer.write(tool.sets.count)
        for set in tool.sets {
            writer.write(set.count)
            writer.write(set.names)
        }
    }

    private mutating func readTool(_ reader: inout SnapshotReader) throws(SnapshotError) {
        let name = try reader.text()
        let number = learnTool(name)
        let unit = try reader.unit()
        tools[number] = ToolKnowledge(name: name, unit: unit, calls: try reader.count())
        for _ in 0..<(try reader.count()) {
            let times = try reader.float()
            tools[number].restore(ToolKnowledge.ArgumentSet(try reader.texts(), count: times))
        }
    }

    private func write(_ argument: ArgumentKnowledge, to writer: inout SnapshotWriter) {
        writer.write(argument.tool)
        writer.write(argument.argument)
        writer.write(argument.unit)
        writer.write(argument.total)
        writer.write(argument.derivations.count)
        for known in argument.derivations {
            writer.write(known.derivation)
            writer.write(known.hits)
            writer.write(known.there)
        }
        writer.write(argument.constants.count)
        for constant in argument.constants {
            writer.write(constant.hash)
            writer.write(constant.count)
            writer.write(Int(constant.runs))
            writer.write(Int(constant.lastRun))
            writer.write(constant.value?.canonicalText ?? "")
        }
    }

    private mutating func readArgument(_ reader: inout SnapshotReader) throws(SnapshotError) {
        let tool = try reader.text()
        let name = try reader.text()
        let number = learnArgument(name, of: tool)
        let unit = try reader.unit()
        arguments[number] = ArgumentKnowledge(tool: tool, argument: name, unit: unit, total: try reader.float())
        var known: [ArgumentKnowledge.Known] = []
        for _ in 0..<(try reader.count()) {
            let derivation = try reader.derivation()
            let hits = try reader.float()
            known.append(ArgumentKnowledge.Known(derivation, hits: hits, there: try reader.float()))
        }
        arguments[number].restore(known)
        for _ in 0..<(try reader.count()) {
            let hash = try reader.number()
            let count = try reader.float()
            let runs = try reader.small()
            let last = try reader.small()
            let text = try reader.text()
            guard let value = text.isEmpty ? .some(nil) : (try? JSON(parsing: text)).map(Optional.some) else {
                throw SnapshotError(description: "a constant of the snapshot is damaged")
            }
            arguments[number].add(
                ArgumentKnowledge.Constant(hash: hash, count: count, runs: runs, lastRun: last, value: value))
        }
    }

    private static func readCalibrator(_ reader: inout SnapshotReader) throws(SnapshotError) -> PatternCalibrator {
        var calibrator = PatternCalibrator()
        for rank in 0..<PatternCalibrator.ranks { calibrator.slopes[rank] = try reader.double() }
        for rank in 0..<PatternCalibrator.ranks { calibrator.offsets[rank] = try reader.double() }
        calibrator.count = try reader.count()
        return calibrator
    }
}
