/// A way in which the value of an argument follows from what the run has seen: bound late, it names no value.
struct Derivation: Sendable, Hashable {
    enum Form: Sendable, Hashable {
        /// A value of the source as it is.
        case plain
        /// These characters before a token of the user.
        case affix(String)
        /// A day that the user named, in the year of the run.
        case year
        /// A list of one value.
        case one
        /// A list of all values that came together.
        case all
        /// A list of those values that were just spoken of.
        case pick
        /// A list of one object, cut to these members.
        case cutOne([String])
        /// A list of all objects, cut to these members.
        case cutAll([String])
    }

    let form: Form
    let source: ValueSource
    let hash: FeatureHash

    init(_ form: Form, _ source: ValueSource) {
        self.form = form
        self.source = source
        hash = Self.hash(form, source.hash)
    }

    /// A plain derivation has the name of its source.
    static func hash(_ form: Form, _ source: FeatureHash) -> FeatureHash {
        switch form {
        case .plain: source
        case .affix(let prefix): Naming.combine(source, 1, Naming.name(prefix))
        case .year: Naming.combine(source, 2)
        case .one: Naming.combine(source, 3)
        case .all: Naming.combine(source, 4)
        case .pick: Naming.combine(source, 5)
        case .cutOne(let names): Naming.combine(source, 6, names.reduce(0) { Naming.combine($0, Naming.name($1)) })
        case .cutAll(let names): Naming.combine(source, 7, names.reduce(0) { Naming.combine($0, Naming.name($1)) })
        }
    }
}

extension Derivation: CustomStringConvertible {
    /// In words, for people who ask where a guess came from.
    var description: String {
        switch form {
        case .plain: source.description
        case .affix(let prefix): "\(prefix) before \(source)"
        case .year: "a day that the user named, in the year of the run"
        case .one: "a list of one: \(source)"
        case .all: "a list of all of \(source)"
        case .pick: "a list of those just spoken of, of \(source)"
        case .cutOne(let names): "one object of \(source), cut to \(names.joined(separator: ", "))"
        case .cutAll(let names): "all objects of \(source), cut to \(names.joined(separator: ", "))"
        }
    }
}

extension ValueSource: CustomStringConvertible {
    var description: String {
        let place = path.drop { $0 == "." }
        return switch kind {
        case .output: place.isEmpty ? "the output of \(tool)" : "\(place) in \(tool)"
        case .key: place.isEmpty ? "the keys of \(tool)" : "the keys of \(place) in \(tool)"
        case .argument: "the argument \(place) of \(tool)"
        case .user: "words of the user, \(shapeDescription)"
        case .text: "words in the output of \(tool), \(shapeDescription)"
        }
    }

    private var shapeDescription: String {
        switch path {
        case "span": "several capitalised"
        case "n0": "the first of two capitalised"
        case "n1": "the second of two capitalised"
        case "cap": "capitalised"
        case "quote": "in quotation marks"
        case "day": "a day"
        case "date": "a date"
        case "path": "a path"
        case "@": "an address"
        default: "like \(path)"
        }
    }
}
