extension AirlineTools {
    /// The time at which everything happens in this domain.
    private static let now = "2024-05-15T15:00:00"

    func book(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let userID = try arguments.string("user_id")
        let cabin = try arguments.string("cabin")
        let passengers = try arguments.array("passengers")
        let payments = try arguments.array("payment_methods")
        let nonFree = try arguments.number("nonfree_baggages")
        let insurance = try arguments.value("insurance")
        var user = try user(userID, on: &view)
        let id = try freeReservationID(on: &view)

        let travellers = RecordNumber.whole(passengers.count)
        var total = RecordNumber.whole(0)
        var flights = try arguments.array("flights")
        for index in flights.indices {
            total += try price(&flights[index], cabin: cabin, travellers: passengers.count, on: &view) * travellers
        }
        if insurance == "yes" { total += .whole(30) * travellers }
        total += .whole(50) * nonFree

        try pay(payments, total, of: &user)
        let reservation = RecordValue(members: [
            "reservation_id": .string(id), "user_id": .string(userID), "origin": try arguments.value("origin"),
            "destination": try arguments.value("destination"), "flight_type": try arguments.value("flight_type"),
            "cabin": .string(cabin), "flights": .array(flights), "passengers": .array(passengers),
            "payment_history": .array(payments), "created_at": .string(Self.now),
            "total_baggages": try arguments.value("total_baggages"), "nonfree_baggages": .number(nonFree),
            "insurance": insurance,
        ])
        user.append([.string(id)], to: "reservations")
        view.set("reservations", id, to: reservation)
        view.set("users", userID, to: user)
        return reservation.text
    }

    /// The ids that new reservations get, in this order.
    private func freeReservationID(on view: inout RecordView) throws(ToolStop) -> String {
        for id in ["HATHAT", "HATHAU"] where try view.record("reservations", id) == nil { return id }
        return "HATHAV"
    }

    /// Fills in price, origin and destination of a flight that was asked for.
    ///
    /// - Returns: its price for one traveller.
    func price(
        _ flight: inout RecordValue, cabin: String, travellers: Int, on view: inout RecordView
    ) throws(ToolStop) -> RecordNumber {
        let number = try flight.string("flight_number")
        let date = try flight.string("date")
        guard let record = try view.record("flights", number) else { throw .refused("flight \(number) not found") }
        guard let day = record["dates"]?[date] else {
            throw .refused("flight \(number) not found on date \(date)")
        }
        guard day["status"] == "available" else {
            throw .refused("flight \(number) not available on date \(date)")
        }
        guard let seats = day["available_seats"]?[cabin]?.numberValue, let price = day["prices"]?[cabin]?.numberValue
        else { throw .refused("'\(cabin)'") }
        if seats < .whole(travellers) { throw .refused("not enough seats on flight \(number)") }
        flight["price"] = .number(price)
        flight["origin"] = record["origin"]
        flight["destination"] = record["destination"]
        return price
    }

    /// Takes `total` from the payment methods of a user; certificates are used up.
    private func pay(_ payments: [RecordValue], _ total: RecordNumber, of user: inout RecordValue) throws(ToolStop) {
        var paid = RecordNumber.whole(0)
        for payment in payments {
            let id = try payment.string("payment_id")
            let amount = try payment.number("amount")
            guard let method = user["payment_methods"]?[id] else { throw .refused("payment method \(id) not found") }
            if method["source"] != "credit_card", (method["amount"]?.numberValue ?? .whole(0)) < amount {
                throw .refused("not enough balance in payment method \(id)")
            }
            paid += amount
        }
        guard paid.isSameAmount(as: total) else {
            throw .refused("payment amount does not add up, total price is \(total.text), but paid \(paid.text)")
        }
        for payment in payments {
            let id = try payment.string("payment_id")
            switch user["payment_methods"]?[id]?["source"] {
            case "gift_card": charge(try payment.number("amount"), to: id, of: &user)
            case "certificate": user["payment_methods"]?[id] = nil
            default: break
            }
        }
    }

    /// Takes `amount` from the gift card `id` of a user; does nothing where `id` is none.
    func charge(_ amount: RecordNumber, to id: String, of user: inout RecordValue) {
        guard user["payment_methods"]?[id]?["source"] == "gift_card",
            let balance = user["payment_methods"]?[id]?["amount"]?.numberValue
        else { return }
        user["payment_methods"]?[id]?["amount"] = .number(balance - amount)
    }

    func sendCertificate(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let userID = try arguments.string("user_id")
        let amount = try arguments.number("amount")
        var user = try user(userID, on: &view)
        let ids = ["certificate_3221322", "certificate_3221323", "certificate_3221324"]
        guard let id = ids.first(where: { user["payment_methods"]?[$0] == nil }) else {
            throw .refused("no further certificate can be added to user \(userID)")
        }
        user["payment_methods"]?[id] = RecordValue(members: [
            "source": "certificate", "amount": .number(amount), "id": .string(id),
        ])
        view.set("users", userID, to: user)
        return "Certificate \(id) added to user \(userID) with amount \(amount.text)."
    }
}
