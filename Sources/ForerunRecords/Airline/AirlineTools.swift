package import ForerunCore

/// The tools of tau-bench's airline domain: flights, reservations and users.
///
/// What they return and refuse, to the byte, is that of recorded runs, oddities included: changing flights does not
/// change the seats that are free, and leaves the reservation's cabin as it was.
package struct AirlineTools: RecordTools {
    package init() {}

    package let name = "airline"
    package let tables = ["flights", "reservations", "users"]

    package func output(of call: Call, on view: inout RecordView) throws(ToolStop) -> String {
        let arguments = RecordArguments(call)
        if let output = try commonOutput(of: call.name, arguments) { return output }
        switch call.name {
        case "get_reservation_details":
            return try reservation(arguments.string("reservation_id"), on: &view).text
        case "get_user_details": return try user(arguments.string("user_id"), on: &view).text
        case "list_all_airports": return Self.airports.text
        case "search_direct_flight": return try searchDirect(arguments, on: &view)
        case "search_onestop_flight": return try searchOneStop(arguments, on: &view)
        case "book_reservation": return try book(arguments, on: &view)
        case "cancel_reservation": return try cancel(arguments, on: &view)
        case "send_certificate": return try sendCertificate(arguments, on: &view)
        case "update_reservation_baggages": return try updateBaggages(arguments, on: &view)
        case "update_reservation_flights": return try updateFlights(arguments, on: &view)
        case "update_reservation_passengers": return try updatePassengers(arguments, on: &view)
        default: throw .refused("there is no tool '\(call.name)'")
        }
    }

    func reservation(_ id: String, on view: inout RecordView) throws(ToolStop) -> RecordValue {
        guard let reservation = try view.record("reservations", id) else { throw .refused("reservation not found") }
        return reservation
    }

    func user(_ id: String, on view: inout RecordView) throws(ToolStop) -> RecordValue {
        guard let user = try view.record("users", id) else { throw .refused("user not found") }
        return user
    }

    /// The user who made `reservation`.
    func owner(
        of reservation: RecordValue, on view: inout RecordView
    ) throws(ToolStop) -> (id: String, record: RecordValue) {
        let id = reservation["user_id"]?.stringValue ?? ""
        return (id, try user(id, on: &view))
    }
}
