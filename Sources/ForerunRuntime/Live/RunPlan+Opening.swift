import ForerunCore

extension RunPlan {
    /// `run.opened`: what is there when the first question is asked.
    ///
    /// - Parameter opening: the messages that the transcript begins with.
    func opened(with opening: [String]) -> JSON {
        [
            "type": "run.opened", "opening": .array(opening.map { .string($0) }),
            "environment": .string(environment.name), "branches": .bool(environment.canFork),
            "kept": .bool(environment.outlivesProcess),
            "roles": .array(
                program.roles.map { role in
                    [
                        "name": .string(role.name), "model": .string(actors[role.name]?.model.id ?? ""),
                        "instructions": .string(role.instructions),
                        "tools": .array(role.tools.map { .string($0.name) }), "digest": .string(role.digest),
                    ]
                }), "time": 0,
        ]
    }
}

extension RunPlan {
    /// `run.reopened`: what may be otherwise than it was, where a run goes on or begins with the turns of another.
    func reopened(at time: Double) -> JSON {
        ["type": "run.reopened", "branches": .bool(environment.canFork), "time": .seconds(time)]
    }
}

extension ModelRequest.Role {
    /// Tells roles apart that ask for different things: all that goes into a request beside the transcript.
    var digest: String {
        var digest = StableDigest()
        func add(_ text: String) {
            digest.update(Array("\(text.utf8.count) ".utf8))
            digest.update(Array(text.utf8))
        }
        add(name)
        add(instructions)
        for tool in tools {
            add(tool.name)
            add(tool.description)
            add(tool.parameters.text)
        }
        add("\(options)")
        return digest.hex
    }
}
