import FoundationEssentials
import Yams

extension MockScript {
    /// Reads a script from a YAML file.
    package init(contentsOf path: String) throws(MockScriptFailure) {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw MockScriptFailure(file: path, message: "there is no such file", remedy: "Check the path")
        } catch {
            throw MockScriptFailure(
                file: path, message: "cannot be read", remedy: "Check that it is UTF-8 text that you may read")
        }
        try self.init(yaml: text, file: path)
    }

    /// Reads a script from YAML text; `file` is for error messages.
    package init(yaml: String, file: String = "script") throws(MockScriptFailure) {
        let root = try ScriptSection(
            Self.compose(yaml, file: file), file: file, known: ["seed", "models", "fault", "key"])
        guard let section = try root.section("models", known: nil), !section.keys.isEmpty else {
            throw root.failure(
                "models", "names no model", remedy: "Add one, for example `actor: {kind: script, turns: […]}`")
        }
        // Speculators need the scripts that they guess at, wherever in the file these are.
        var scripts: [String: ScriptedTurns] = [:]
        var readers: [MockModelReader] = []
        for name in section.keys {
            let reader = try MockModelReader(name: name, in: section)
            if let turns = try reader.turns() { scripts[name] = turns }
            readers.append(reader)
        }
        var models: [MockModel] = []
        for reader in readers { models.append(try reader.model(scripts: scripts)) }
        let faults = try FaultReader(root, models: section.keys).faults()
        self.init(
            seed: try root.integer("seed", in: .min ... .max) ?? 0, models: models, faults: faults,
            key: try root.string("key"))
    }

    private static func compose(_ yaml: String, file: String) throws(MockScriptFailure) -> Node {
        do {
            if let node = try Yams.compose(yaml: yaml) { return node }
            throw MockScriptFailure(file: file, message: "is empty", remedy: "A script needs `models:`")
        } catch let failure as MockScriptFailure {
            throw failure
        } catch YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _)
        {
            throw MockScriptFailure(file: file, line: mark.line, message: problem)
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            throw MockScriptFailure(
                file: file, line: context.mark.line, message: "key written twice: \(keys.joined(separator: ", "))")
        } catch {
            throw MockScriptFailure(file: file, message: "is no YAML: \(error)")
        }
    }
}
