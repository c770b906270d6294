extension AirlineTools {
    func cancel(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("reservation_id")
        var reservation = try reservation(id, on: &view)
        let payments = reservation["payment_history"]?.arrayValue ?? []
        let refunds = payments.map { payment in
            RecordValue(members: [
                "payment_id": payment["payment_id"] ?? .null,
                "amount": .number(-(payment["amount"]?.numberValue ?? .whole(0))),
            ])
        }
        reservation.append(refunds, to: "payment_history")
        reservation["status"] = "cancelled"
        view.set("reservations", id, to: reservation)
        return reservation.text
    }

    func updateBaggages(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("reservation_id")
        let total = try arguments.number("total_baggages")
        let nonFree = try arguments.number("nonfree_baggages")
        let paymentID = try arguments.string("payment_id")
        var reservation = try reservation(id, on: &view)
        let added = nonFree - (reservation["nonfree_baggages"]?.numberValue ?? .whole(0))
        let price = .whole(50) * (added < .whole(0) ? .whole(0) : added)
        try settle(price, with: paymentID, for: reservation, on: &view)
        reservation["total_baggages"] = .number(total)
        reservation["nonfree_baggages"] = .number(nonFree)
        note(price, paymentID, in: &reservation)
        view.set("reservations", id, to: reservation)
        return reservation.text
    }

    func updateFlights(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("reservation_id")
        let cabin = try arguments.string("cabin")
        let paymentID = try arguments.string("payment_id")
        var flights = try arguments.array("flights")
        var reservation = try reservation(id, on: &view)
        let travellers = RecordNumber.whole(reservation["passengers"]?.arrayValue?.count ?? 0)
        let booked = reservation["flights"]?.arrayValue ?? []
        var price = RecordNumber.whole(0)
        for index in flights.indices {
            // A flight that stays as it is keeps the price at which it was booked.
            let same = booked.first {
                $0["flight_number"] == flights[index]["flight_number"] && $0["date"] == flights[index]["date"]
            }
            if let same, reservation["cabin"] == .string(cabin) {
                for name in ["price", "origin", "destination"] { flights[index][name] = same[name] }
                price += (same["price"]?.numberValue ?? .whole(0)) * travellers
            } else {
                let count = reservation["passengers"]?.arrayValue?.count ?? 0
                price += try self.price(&flights[index], cabin: cabin, travellers: count, on: &view) * travellers
            }
        }
        let before = booked.reduce(RecordNumber.whole(0)) { $0 + ($1["price"]?.numberValue ?? .whole(0)) }
        price = price - before * travellers
        try settle(price, with: paymentID, for: reservation, on: &view)
        reservation["flights"] = .array(flights)
        note(price, paymentID, in: &reservation)
        view.set("reservations", id, to: reservation)
        return reservation.text
    }

    func updatePassengers(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("reservation_id")
        let passengers = try arguments.array("passengers")
        var reservation = try reservation(id, on: &view)
        guard passengers.count == reservation["passengers"]?.arrayValue?.count else {
            throw .refused("number of passengers does not match")
        }
        reservation["passengers"] = .array(passengers)
        view.set("reservations", id, to: reservation)
        return reservation.text
    }

    /// Takes `price`, or gives it back where it is negative, by a payment method of the one who made the reservation.
    private func settle(
        _ price: RecordNumber, with paymentID: String, for reservation: RecordValue, on view: inout RecordView
    ) throws(ToolStop) {
        let owner = try owner(of: reservation, on: &view)
        guard let method = owner.record["payment_methods"]?[paymentID] else {
            throw .refused("payment method not found")
        }
        switch method["source"] {
        case "certificate": throw .refused("certificate cannot be used to update reservation")
        case "gift_card":
            if (method["amount"]?.numberValue ?? .whole(0)) < price {
                throw .refused("gift card balance is not enough")
            }
            var user = owner.record
            charge(price, to: paymentID, of: &user)
            if user != owner.record { view.set("users", owner.id, to: user) }
        default: break
        }
    }

    private func note(_ price: RecordNumber, _ paymentID: String, in reservation: inout RecordValue) {
        guard !price.isSameAmount(as: .whole(0)) else { return }
        let payment = RecordValue(members: ["payment_id": .string(paymentID), "amount": .number(price)])
        reservation.append([payment], to: "payment_history")
    }
}
