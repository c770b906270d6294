import ArgumentParser
import ForerunCore
import ForerunDashboard
import ForerunRuntime
import ForerunStore

/// `forerun serve`: the recorded runs as web pages.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the dashboard: recorded and running runs as web pages.",
        discussion: """
            Prints its address as one line as soon as it accepts connections; open it in a browser. Ctrl-C ends it.

            PAGES
              /            all runs, live and past: search, filter, time saved
              /runs/RUN    one run: timeline, branches, transcript, guesses with their
                           sources and probabilities, changes of a branch; live while it runs
              /insights    all runs together: savings over time, calibration, cost
              /patterns    what was learnt
            Pages need no network. On a timeline: arrows move, + and - zoom, Home and End go to \
            the ends, n and p go from work to work; Table shows the same as a table.

            WHO MAY LOOK
              Only this machine reaches it, unless --host says otherwise. Beyond this machine, and with \
            --control, it asks for a token, which the printed address contains. A token of your own has \
            \(DashboardAccess.shortestToken) characters or more, in a file (mode 0600) or a variable: --token file:PATH, env:NAME.
              Behind a proxy or with a name of its own, tell it that name: --name runs.example.org. Requests \
            that call it by other names, or come from pages of other sites, are refused. It speaks plain HTTP: \
            beyond this machine, put it behind a proxy with TLS or into an SSH tunnel.

            CONTROL
              With --control, pages can cancel a running run and turn its speculation off and on. Without it, \
            they only show.

            API
              /api/runs, /api/runs/RUN, /api/runs/RUN/events (server-sent events), /api/report: \
            Documentation/dashboard.md has them all. Use it so: curl -H 'Authorization: Bearer TOKEN' URL

            EXIT CODES
              0 ended by Ctrl-C or SIGTERM, 1 cannot serve (the port is taken), 2 wrong usage.
            """)

    /// Where it is served unless somebody says otherwise.
    private static let usualPort = 8384

    @Option(help: "The port to listen on; 0 takes any that is free.")
    var port: Int = Self.usualPort

    @Option(help: "The address to listen on.")
    var host: String = "127.0.0.1"

    @Option(
        name: .customLong("name"),
        help: ArgumentHelp("A name that the server goes by; may be repeated.", valueName: "host"))
    var names: [String] = []

    @Option(help: ArgumentHelp("Ask for this token: file:PATH or env:NAME.", valueName: "source"))
    var token: String?

    @Flag(help: "Let pages cancel runs and switch their speculation.")
    var control = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be between 0 and 65535") }
        guard !host.isEmpty else { throw ValidationError("--host must be an address, such as 127.0.0.1") }
    }

    func run() async throws {
        let signals = Signals()
        let past = try PastRuns(variables: processVariables)
        var access = DashboardAccess(names: Set(names + [host]), controls: control)
        if let token {
            access.token = try ServerToken.read(token, shortest: DashboardAccess.shortestToken)
        } else if control || !DashboardAccess.isLoopback(host) {
            access.token = DashboardAccess.makeToken()
        }
        let dashboard = Dashboard(of: past.directory, access: access, sources: .live(past.directory))
        let (host, token) = (host, access.token)
        let serving = Task {
            try await dashboard.run(host: host, port: port) { port in
                let query = token.map { "?token=\($0)" } ?? ""
                OutputFile.standard.write("http://\(Self.shown(host)):\(port)/\(query)\n")
                OutputFile.error.write("serving \(past.directory.path). Ctrl-C ends it\n")
            }
        }
        signals.onFirst { serving.cancel() }
        do {
            try await serving.value
        } catch let error as DashboardFailure {
            throw Complaint(error.message, remedy: error.remedy, status: .failed)
        }
    }

    /// As browsers want it; what means all addresses is reached by this machine's own.
    private static func shown(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        default: host.contains(":") ? "[\(host)]" : host
        }
    }
}

extension DashboardSources {
    /// What was learnt for this user, and runs of this user that can be told something.
    fileprivate static func live(_ directory: RunStateDirectory) -> DashboardSources {
        DashboardSources { () throws(Refusal) in
            do throws(Complaint) {
                return try PatternLibrary.open(processVariables, makes: false)?.objects() ?? []
            } catch {
                throw Refusal(error.cause, remedy: error.remedy)
            }
        } tell: { run, wish throws(Refusal) in
            let asked: RunWish =
                switch wish {
                case .cancel: .cancel
                case .speculation(let isOn): .speculation(isOn: isOn)
                }
            do throws(StoreError) { try asked.send(to: run, in: directory) } catch {
                guard error.code == .notFound else {
                    throw Refusal("\(error.path): \(error.message)", remedy: error.remedy)
                }
                throw Refusal("the run \(run) does not go on, or does not listen", remedy: "Load the page again.")
            }
        }
    }
}
