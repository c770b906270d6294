import ArgumentParser
import ForerunCore
import ForerunRuntime

/// `forerun models`: what do endpoints serve?
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the models that an endpoint serves.",
        discussion: """
            One line a model, written endpoint/model as --actor and --speculator take it. Without an endpoint, asks all that \
            are configured, and the well-known ones whose key is set. The exit code is that of a run that fails for the same \
            reason: 3 configuration, 4 key, 6 endpoint.
            """)

    @Argument(help: "The endpoint.", completion: .endpoints)
    var endpoint: String?

    @Flag(help: "Also say what a million tokens cost: as configured, else as built in, with the date.")
    var prices = false

    @Flag(help: "Print one JSON object, prices included.")
    var json = false

    @OptionGroup var workspace: WorkspaceOption
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        let served = try ServedModels(
            workspace: try workspace.absolutePath(), assignments: try settings.values(), variables: processVariables)
        let names = endpoint.map { [$0] } ?? served.likely
        guard !names.isEmpty else {
            throw Complaint(
                "no endpoint is configured", remedy: "Name one: forerun models \(served.names.first ?? "NAME")",
                status: .configuration)
        }
        var listings: [ServedModels.Listing] = []
        for name in names {
            let listing = try await served.list(name)
            listings.append(listing)
            guard !json else { continue }
            OutputFile.standard.write(prices ? listing.pricedText : listing.text)
            if let complaint = listing.complaint {
                OutputFile.error.write(complaint.text)
            } else if listing.models.isEmpty {
                OutputFile.error.write("\(name) lists no model\n")
            }
        }
        let status = listings.compactMap { $0.complaint?.status }.first
        if json {
            let object: JSON = [
                "type": "models", "endpoints": .array(listings.map(\.json)),
                "status": .int(Int((status ?? .done).code)),
            ]
            OutputFile.standard.write(object.text + "\n")
        }
        if let status { throw status }
    }
}

extension CompletionKind {
    /// The names of the endpoints that are known here.
    static var endpoints: CompletionKind {
        .custom { _, _, _ in
            (try? ServedModels(workspace: ".", variables: processVariables))?.names ?? []
        }
    }
}
