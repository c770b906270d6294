extension AirlineTools {
    func searchDirect(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let origin = RecordValue.string(try arguments.string("origin"))
        let destination = RecordValue.string(try arguments.string("destination"))
        let date = try arguments.string("date")
        var found: [RecordValue] = []
        for (_, flight) in try view.records(of: "flights")
        where flight["origin"] == origin && flight["destination"] == destination {
            if let day = Self.availableDay(date, of: flight) { found.append(Self.offer(flight, day)) }
        }
        return RecordValue.array(found).text
    }

    func searchOneStop(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let origin = RecordValue.string(try arguments.string("origin"))
        let destination = RecordValue.string(try arguments.string("destination"))
        let date = try arguments.string("date")
        let flights = try view.records(of: "flights").map(\.record)
        let seconds = flights.filter { $0["destination"] == destination }
        var found: [RecordValue] = []
        for first in flights where first["origin"] == origin {
            guard let firstDay = Self.availableDay(date, of: first) else { continue }
            let arrival = first["scheduled_arrival_time_est"]?.stringValue ?? ""
            let secondDate = arrival.contains("+1") ? try Self.dayAfter(date) : date
            for second in seconds where second["origin"] == first["destination"] {
                let departure = second["scheduled_departure_time_est"]?.stringValue ?? ""
                // Texts are compared, as recorded: `02:30:00+1` comes before `03:00:00`.
                // A flight of the next day is listed with the seats and prices of the first: so it was recorded.
                guard !departure.utf8.lexicographicallyPrecedes(arrival.utf8),
                    Self.availableDay(secondDate, of: second) != nil, let secondDay = second["dates"]?[date]
                else { continue }
                var (one, two) = (Self.offer(first, firstDay), Self.offer(second, secondDay))
                one["date"] = .string(date)
                two["date"] = .string(secondDate)
                found.append(.array([one, two]))
            }
        }
        return RecordValue.array(found).text
    }

    /// What a flight has on a date, where seats are sold.
    private static func availableDay(_ date: String, of flight: RecordValue) -> RecordValue? {
        guard let day = flight["dates"]?[date], day["status"] == "available" else { return nil }
        return day
    }

    /// A flight without its dates, and with what it has on one.
    private static func offer(_ flight: RecordValue, _ day: RecordValue) -> RecordValue {
        var offer = flight
        offer["dates"] = nil
        for (name, value) in day.objectValue ?? RecordMembers() { offer[name] = value }
        return offer
    }

    /// The day after, in the month of all these flights. Its number is not filled up with a zero: so it was recorded.
    private static func dayAfter(_ date: String) throws(ToolStop) -> String {
        guard let day = Int(date.suffix(2)) else {
            throw .refused("invalid literal for int() with base 10: '\(date.suffix(2))'")
        }
        return "2024-05-\(day + 1)"
    }

    /// Codes and cities, as runs of tau2 recorded them: those of tau-bench do not ask.
    static let airports: RecordValue = .array(
        [
            ("SFO", "San Francisco"), ("JFK", "New York"), ("LAX", "Los Angeles"), ("ORD", "Chicago"),
            ("DFW", "Dallas"), ("DEN", "Denver"), ("SEA", "Seattle"), ("ATL", "Atlanta"), ("MIA", "Miami"),
            ("BOS", "Boston"), ("PHX", "Phoenix"), ("IAH", "Houston"), ("LAS", "Las Vegas"), ("MCO", "Orlando"),
            ("EWR", "Newark"), ("CLT", "Charlotte"), ("MSP", "Minneapolis"), ("DTW", "Detroit"),
            ("PHL", "Philadelphia"), ("LGA", "LaGuardia"),
        ].map { RecordValue(members: ["iata": .string($0.0), "city": .string($0.1)]) })
}
