/// Who plays a role: a model, and those that take over in order once the retries of the one before are used up.
package struct Casting: Sendable, Hashable {
    package var first: ModelName
    package var substitutes: [ModelName]

    package init(_ first: ModelName, substitutes: [ModelName] = []) {
        self.first = first
        self.substitutes = substitutes
    }

    package var models: [ModelName] { [first] + substitutes }
}

extension ValueForm where Value == Casting {
    /// One model, or a list of them.
    static var casting: Self {
        let one = ValueForm<ModelName>.model
        return Self(
            read: { value, path throws(ConfigurationError) in
                guard case .list = value.content else { return Casting(try one.read(value, path)) }
                let models = try ValueForm<[ModelName]>.list(of: one).read(value, path)
                guard let first = models.first else {
                    throw value.mismatch(path, expected: "a model, written endpoint/model, or a list of some")
                }
                if let twice = models.indices.first(where: { models[..<$0].contains(models[$0]) }) {
                    throw ConfigurationError(
                        .outOfRange, "\(path) names \(models[twice]) twice", at: value.origin,
                        remedy: "A model that failed is not asked again: leave it out")
                }
                return Casting(first, substitutes: Array(models.dropFirst()))
            },
            write: { casting in
                casting.substitutes.isEmpty
                    ? one.write(casting.first) : "[" + casting.models.map(one.write).joined(separator: ", ") + "]"
            })
    }
}
