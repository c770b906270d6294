/// What a project that is not trusted may change about a value.
package struct Tightening<Value: Sendable>: Sendable {
    /// What it gets when it wishes to put `wish` in place of `current`; `nil`: everything stays.
    package let admit: @Sendable (_ current: Value, _ wish: Value) -> Value?

    package static var never: Self { Self { _, _ in nil } }
    package static var free: Self { Self { _, wish in wish } }

    static func when(_ isTighter: @escaping @Sendable (_ current: Value, _ wish: Value) -> Bool) -> Self {
        Self { current, wish in isTighter(current, wish) ? wish : nil }
    }
}

extension Tightening where Value: Comparable {
    package static var down: Self { .when { $1 <= $0 } }
    package static var up: Self { .when { $1 >= $0 } }
}

extension Tightening where Value: CaseIterable & Equatable {
    /// For words whose first is the strictest.
    package static var towardsFirst: Self { .when { rank($1) <= rank($0) } }
    /// For words whose last is the strictest.
    package static var towardsLast: Self { .when { rank($1) >= rank($0) } }

    private static func rank(_ value: Value) -> Int {
        Array(Value.allCases).firstIndex(of: value) ?? 0
    }
}

extension Tightening {
    /// Down, where nothing stands for “no limit”.
    package static func limit<Wrapped: Comparable & Sendable>() -> Self where Value == Wrapped? {
        .when { current, wish in
            guard let wish else { return false }
            return current.map { wish <= $0 } ?? true
        }
    }
}
