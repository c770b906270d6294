import ArgumentParser
import ForerunMockServer
import ForerunRuntime
import Synchronization

/// `forerun mock`: serves scripted models.
struct MockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock",
        abstract: "Serve scripted models over OpenAI's Chat Completions.",
        discussion: """
            No model is asked: answers, latencies and faults come from a script. As soon as it accepts connections, it prints its \
            base URL as one line. Ctrl-C ends it.

            Use it so: forerun run AGENT --set endpoints.mock.baseURL=URL --actor mock/MODEL
            """)

    @Argument(help: "A YAML file with the models.", completion: .file(extensions: ["yaml", "yml"]))
    var script: String

    @Option(help: "The port to listen on; 0 takes any that is free.")
    var port: Int = 0

    @Option(help: "The address to listen on.")
    var host: String = "127.0.0.1"

    @Option(
        help: ArgumentHelp("Append a JSON line for each request to a file.", valueName: "file"), completion: .file())
    var log: String?

    @Flag(help: "Print the base URL and nothing else.")
    var printUrl = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be between 0 and 65535") }
    }

    func run() async throws {
        let signals = Signals()
        let script: MockScript
        do throws(MockScriptFailure) { script = try MockScript(contentsOf: self.script) } catch {
            let place = [error.line.map { "\(error.file):\($0)" } ?? error.file, error.key].compactMap(\.self)
            throw Complaint(
                "\(place.joined(separator: ": ")): \(error.message)", remedy: error.remedy ?? "Correct the script",
                status: .configuration)
        }
        let file: RequestLogFile?
        do throws(MockServerFailure) {
            file = try log.map { path throws(MockServerFailure) in try RequestLogFile(path: path) }
        } catch {
            throw Complaint(error.message, remedy: error.remedy, status: .failed)
        }
        let server = MockServer(script, onRecord: { file?.append($0) })
        let serving = Task {
            try await server.run(host: host, port: port) { port in
                OutputFile.standard.write("http://\(host.contains(":") ? "[\(host)]" : host):\(port)/v1\n")
                guard !printUrl else { return }
                let models = script.models.map(\.name).joined(separator: ", ")
                OutputFile.error.write("serving \(self.script): \(models). Ctrl-C ends it\n")
            }
        }
        signals.onFirst { serving.cancel() }
        do {
            try await serving.value
        } catch let error as MockServerFailure {
            throw Complaint(error.message, remedy: error.remedy, status: .failed)
        }
        if let failure = file?.failure {
            throw Complaint(
                "the request log is incomplete: \(failure)", remedy: "Make room on its disk", status: .failed)
        }
    }
}
