/// Looks again and again until `condition` holds: for two minutes at most, as a busy machine may need them.
///
/// - Returns: whether it came to hold.
package func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<24_000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}
