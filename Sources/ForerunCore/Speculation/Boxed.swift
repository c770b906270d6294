/// A value behind one reference, copied when it is shared and changed: what is large and often passed on is kept in one.
struct Boxed<Value> {
    private var storage: [Value]

    init(_ value: Value) { storage = [value] }

    var value: Value {
        get { storage[0] }
        _modify { yield &storage[0] }
    }
}

extension Boxed: Sendable where Value: Sendable {}
