import ForerunCore

/// What was learnt of an agent's runs: which tool is called next, and where its arguments come from.
///
/// Counts in hash tables, and one learner, a log-linear choice, used twice: for the tool or none, and for the value of
/// an argument. Arguments are bound late, to what the current run has seen: no value of a run is kept but constants that
/// come again and again. A copy costs nothing until it learns: that is how a run learns for itself.
package struct PatternModel: Sendable {
    static let toolRate: Float = 0.04
    static let argumentRate: Float = 0.08
    /// A class whose probability was this near to what came is not learnt from.
    static let leastGradient: Float = 0.01

    var tools: [ToolKnowledge] = []
    private var toolNumbers = HashTable()
    var arguments: [ArgumentKnowledge] = []
    var argumentNumbers = HashTable()
    /// Features of a moment, by column: 0 stands for no call, others for tools.
    var moments = WeightRows(rate: toolRate)
    /// Features of a tool at a moment.
    var outlooks = WeightTable(rate: toolRate)
    /// Features of a value for an argument.
    var choices = WeightTable(rate: argumentRate)
    /// P(a guess is among the calls of the turn).
    var calibrator = PatternCalibrator()
    /// The same, given that the turn has calls.
    var givenCalls = PatternCalibrator()

    /// What is left out; nothing, but to measure what it is worth. Not kept in snapshots.
    package var omitted: PatternParts = []

    /// How many runs and calls it has learnt from.
    package internal(set) var runs = 0
    package internal(set) var callCount = 0

    package init() {}

    /// How many patterns it knows: derivations of arguments, and features with weights.
    package var count: Int {
        arguments.reduce(0) { $0 + $1.derivations.count } + moments.count + outlooks.count + choices.count
    }

    /// The number of a tool; -1 where no call of it was seen.
    @inline(__always)
    func number(ofTool hash: FeatureHash) -> Int { Int(toolNumbers.find(hash)) }

    mutating func learnTool(_ name: String) -> Int { learnTool(name, Naming.name(name)) }

    @inline(__always)
    mutating func learnTool(_ name: String, _ hash: FeatureHash) -> Int {
        let (number, isNew) = toolNumbers.findOrInsert(hash, Int32(tools.count))
        if isNew {
            tools.append(ToolKnowledge(name: name))
            moments.widen(to: tools.count + 1)
        }
        return Int(number)
    }

    /// What is known of an argument; `nil` where no call with it was seen.
    @inline(__always)
    func knowledge(of argument: FeatureHash) -> Int? {
        let number = argumentNumbers.find(argument)
        return number < 0 ? nil : Int(number)
    }

    mutating func learnArgument(_ argument: String, of tool: String) -> Int {
        learnArgument(Naming.name(argument), argument, of: learnTool(tool))
    }

    mutating func learnArgument(_ hash: FeatureHash, _ argument: String, of tool: Int) -> Int {
        let key = Naming.argument(hash, of: tools[tool].hash)
        let (number, isNew) = argumentNumbers.findOrInsert(key, Int32(arguments.count))
        if isNew { arguments.append(ArgumentKnowledge(tool: tools[tool].name, argument: argument)) }
        return Int(number)
    }
}

/// Parts of a pattern model that can be left out, to measure what they are worth.
package struct PatternParts: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Values from the current run; what is left are constants.
    package static let lateBinding = PatternParts(rawValue: 1)
    /// The learnt choice among values; what is left is how often each derivation was right.
    package static let choice = PatternParts(rawValue: 2)
}
