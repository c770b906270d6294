extension String {
    /// Whether both are the same bytes. `==` also takes composed and decomposed characters for the same: enough for people,
    /// but not for requests, which are bytes.
    func isIdentical(to other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
