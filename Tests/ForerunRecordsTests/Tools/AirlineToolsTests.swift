import ForerunCore
import ForerunRecords
import Testing

/// Beyond what the recorded runs show.
struct AirlineToolsTests {
    private func perform(_ calls: [Call]) async throws -> [CallResult] {
        let database = try RecordsDatabase()
        try database.load("flights", from: Self.flights.utf8)
        try database.load("reservations", from: Self.reservations.utf8)
        try database.load("users", from: Self.users.utf8)
        let environment = RecordsEnvironment(AirlineTools(), over: database)
        _ = try await environment.open()
        var results: [CallResult] = []
        for call in calls {
            results.append(try await environment.perform(call, in: .initial, context: CallContext()))
        }
        return results
    }

    private func book(_ payments: JSON, passengers: Int = 1, flight: String = "F1") -> Call {
        Call(
            "book_reservation",
            [
                "user_id": "ada_1", "origin": "AAA", "destination": "BBB", "flight_type": "one_way", "cabin": "economy",
                "flights": [["flight_number": .string(flight), "date": "2024-05-20"]],
                "passengers": .array(Array(repeating: ["first_name": "Ada"], count: passengers)),
                "payment_methods": payments, "total_baggages": 2, "nonfree_baggages": 1, "insurance": "yes",
            ])
    }

    @Test func aBookingTakesItsPriceAndUsesUpCertificates() async throws {
        // 100 for the flight, 30 for the insurance, 50 for a bag.
        let payments: JSON = [
            ["payment_id": "certificate_1", "amount": 80], ["payment_id": "gift_card_1", "amount": 100],
        ]
        let results = try await perform([
            book(payments), Call("get_user_details", ["user_id": "ada_1"]),
            Call("get_reservation_details", ["reservation_id": "HATHAT"]), book(payments),
        ])
        #expect(results[0].output.text.hasPrefix(#"{"reservation_id": "HATHAT", "user_id": "ada_1", "#))
        #expect(
            results[0].output.text.contains(
                #"{"flight_number": "F1", "date": "2024-05-20", "price": 100, "origin": "AAA", "destination": "BBB"}"#))
        #expect(results[0].reads == .resources(["/users/ada_1", "/reservations/HATHAT", "/flights/F1"]))
        #expect(results[0].writes == .resources(["/users/ada_1", "/reservations/HATHAT"]))
        #expect(!results[1].output.text.contains("certificate_1"))
        #expect(results[1].output.text.contains(#""amount": 20"#))
        #expect(results[1].output.text.hasSuffix(#""reservations": ["R1", "HATHAT"]}"#))
        #expect(results[2].output == results[0].output)
        #expect(results[3].output.text == "Error: payment method certificate_1 not found")
    }

    @Test func bookingsThatDoNotFitAreRefused() async throws {
        let results = try await perform([
            book([["payment_id": "credit_card_1", "amount": 179.5]]),
            book([["payment_id": "gift_card_1", "amount": 180]]),
            book([["payment_id": "credit_card_1", "amount": 1]], passengers: 4), book([], flight: "F3"),
            book([], flight: "F9"),
        ])
        #expect(
            results.map(\.output.text) == [
                "Error: payment amount does not add up, total price is 180, but paid 179.5",
                "Error: not enough balance in payment method gift_card_1", "Error: not enough seats on flight F1",
                "Error: flight F3 not available on date 2024-05-20", "Error: flight F9 not found",
            ])
        #expect(results.allSatisfy { $0.writes == .nothing })
    }

    @Test func oneStopIsFoundOverNightWithTheDatesAsRecorded() async throws {
        let text = try await perform([
            Call("search_onestop_flight", ["origin": "AAA", "destination": "CCC", "date": "2024-05-20"])
        ])[0].output.text
        let pairs = try #require(JSON(parsing: text).arrayValue)
        #expect(
            pairs.map { $0.arrayValue?.map { $0["flight_number"]?.stringValue } } == [["F1", "F2"], ["F4", "F2"]])
        #expect(pairs.map { $0.arrayValue?.last?["date"] } == ["2024-05-20", "2024-05-21"])
    }

    @Test func bagsCostMoneyOnlyWhereMoreAreNotFree() async throws {
        func update(_ nonFree: Int, _ method: String) -> Call {
            Call(
                "update_reservation_baggages",
                [
                    "reservation_id": "R1", "total_baggages": 3, "nonfree_baggages": .number(JSONNumber(nonFree)),
                    "payment_id": .string(method),
                ])
        }
        let results = try await perform([
            update(9, "gift_card_1"), update(2, "certificate_1"), update(2, "gift_card_1"), update(1, "gift_card_1"),
        ])
        #expect(results[0].output.text == "Error: gift card balance is not enough")
        #expect(results[1].output.text == "Error: certificate cannot be used to update reservation")
        #expect(results[2].output.text.contains(#""payment_history": [{"payment_id": "gift_card_1", "amount": 50}]"#))
        #expect(results[3].output.text.contains(#""amount": 50}]"#))
        #expect(results[3].writes == .resources(["/reservations/R1"]))
    }

    @Test func certificatesHaveThreeIds() async throws {
        let results = try await perform(
            Array(repeating: Call("send_certificate", ["user_id": "ada_1", "amount": 50]), count: 4))
        #expect(results[2].output.text == "Certificate certificate_3221324 added to user ada_1 with amount 50.")
        #expect(results[3].output.isError)
    }

    @Test func thePassengersNumberStays() async throws {
        let result = try await perform([
            Call("update_reservation_passengers", ["reservation_id": "R1", "passengers": []])
        ])[0]
        #expect(result.output.text == "Error: number of passengers does not match")
    }

    private static let open = #"{"status": "available", "available_seats": {"economy": 3}, "prices": {"economy": 100}}"#
    private static let flights = """
        {"F1": {"flight_number": "F1", "origin": "AAA", "destination": "BBB", "scheduled_departure_time_est": "06:00:00",
          "scheduled_arrival_time_est": "07:00:00", "dates": {"2024-05-20": \(open)}},
         "F2": {"flight_number": "F2", "origin": "BBB", "destination": "CCC", "scheduled_departure_time_est": "08:00:00",
          "scheduled_arrival_time_est": "09:00:00", "dates": {"2024-05-20": \(open), "2024-05-21": \(open)}},
         "F3": {"flight_number": "F3", "origin": "AAA", "destination": "CCC", "scheduled_departure_time_est": "08:00:00",
          "scheduled_arrival_time_est": "09:00:00", "dates": {"2024-05-20": {"status": "landed"}}},
         "F4": {"flight_number": "F4", "origin": "AAA", "destination": "BBB", "scheduled_departure_time_est": "22:00:00",
          "scheduled_arrival_time_est": "02:00:00+1", "dates": {"2024-05-20": \(open)}}}
        """
    private static let reservations = """
        {"R1": {"reservation_id": "R1", "user_id": "ada_1", "cabin": "economy", "flights": [], "passengers": [{}],
          "payment_history": [], "total_baggages": 1, "nonfree_baggages": 1}}
        """
    private static let users = """
        {"ada_1": {"payment_methods": {"certificate_1": {"source": "certificate", "amount": 80, "id": "certificate_1"},
          "gift_card_1": {"source": "gift_card", "amount": 120, "id": "gift_card_1"},
          "credit_card_1": {"source": "credit_card", "id": "credit_card_1"}}, "reservations": ["R1"]}}
        """
}
