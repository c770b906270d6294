/// Where a record is: its table and its id there.
package struct RecordKey: Sendable, Hashable {
    package let table: String
    package let id: String

    package init(_ table: String, _ id: String) {
        self.table = table
        self.id = id
    }

    /// The name of the record in footprints: `/orders/#W2611340`.
    package var resource: String { Self.resource(ofTable: table) + id }

    /// The name of all records of a table: `/orders/`.
    package static func resource(ofTable table: String) -> String { "/\(table)/" }
}
