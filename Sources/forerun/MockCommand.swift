import ArgumentParser
import ForerunMockServer
import ForerunRuntime
import Synchronization

/// `forerun mock`: serves scripted models.
struct MockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock",
        abstract: "Serve scripted models over Chat Completions, Responses, Messages and plain completions.",
        discussion: """
            No model is asked: answers, latencies and faults come from a script. As soon as it accepts connections, it prints its \
            base URL as one line. Ctrl-C ends it.

            Use it so: forerun run AGENT --set endpoints.mock.baseURL=URL --actor mock/MODEL

            ADDRESSES
              \(Dialect.allCases.map(\.path).joined(separator: ", "))
              /v1/models, /v1/models/MODEL, /v1/messages/count_tokens
              Anthropic's clients want the base URL without /v1.

            SCRIPT
              seed: 1                  # of all draws
              key: secret              # requests must bring it; left out: none
              fault: []                # for all models; model: [a, b] narrows it
              models:
                NAME:
                  latency: {law: lognormal, mean: 2, sigma: 0.4}   # or seconds
                  tokens_per_second: 60      # left out: all at once
                  chunk: 4                   # tokens an event; 0: texts in one piece
                  usage: true
                  quirk: [index_zero, empty_ids, whole_call]
                  limits: {requests: 60, tokens: 90000, concurrency: 4, window: 60}
                  marker: "\(MockModel.marker)"   # before answers in a prompt
                  fault: {kind: stall, after: 3, request: 2}
                  turns:
                    - reasoning: Hm.
                      text: I look.
                      calls: [{name: read, arguments: {path: a.c}}]
                    - {text: Done., finish: stop}  # or length, content_filter
              Each request is answered with the turn whose number is the count of answers \
            in it. Instead of turns: generate: {steps, tool, arguments, text, final}. \
            A model of kind speculator guesses at another: of, hit or hit_top, width, \
            wrong, confidence.

            FAULTS
              A fault befalls the next request, or those chosen by
                at: STEP          requests with so many answers in them
                request: N        the Nth to the model, and on
                times: N          so many of them (1); always
                probability: P    each with this chance, drawn by the seed
                protocol: [chat, responses, messages, completions]
              retry_after is in seconds; retry: [seconds, date, ms, reset] says in \
            which header fields it is told ([seconds, ms]); should_retry: true or false \
            adds x-should-retry.

            \(Fault.Kind.table)
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

    @Flag(help: "Write the requests' bodies to the log, too.")
    var logBodies = false

    @Flag(help: "Print the base URL and nothing else.")
    var printUrl = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be between 0 and 65535") }
        if logBodies, log == nil { throw ValidationError("--log-bodies needs --log FILE") }
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
        let server = MockServer(script, logsBodies: logBodies, onRecord: { file?.append($0) })
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
