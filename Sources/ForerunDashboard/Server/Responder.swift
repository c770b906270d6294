import ForerunCore
import ForerunStore
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers requests: the gate first, then the route.
struct Responder: Sendable {
    private static let largestBody = 4 << 10

    private let library: RunLibrary
    private let access: DashboardAccess
    private let sources: DashboardSources
    private let gate: Gate

    init(_ library: RunLibrary, access: DashboardAccess, sources: DashboardSources) {
        self.library = library
        self.access = access
        self.sources = sources
        gate = Gate(access)
    }

    @concurrent
    func respond(to request: Request, writer: consuming ResponseWriter, channel: any Channel) async throws {
        let path = request.uri.path
        let query = Query(request.uri.query ?? "")
        let route = Route(path: path)
        // What leads nowhere is judged as well: strangers do not learn what there is.
        let verdict = gate.judge(request.head, route ?? .settings, token: query["token"])
        var reply: Reply
        switch verdict {
        case .refused(let status, let message):
            reply = .failure(status, message, isForPage: route?.isPage ?? false)
        case .exchange:
            let cookie = "\(gate.cookieName)=\(query["token"] ?? ""); HttpOnly; SameSite=Strict; Path=/"
            reply = .redirect(to: path, cookie: cookie)
        case .open:
            guard let route else {
                reply = .failure(404, "There is nothing at this address.")
                break
            }
            guard route.methods.contains(request.method) else {
                reply = .failure(405, "This address does not answer \(request.method.rawValue).")
                reply.fields = [(.allow, route.methods.map(\.rawValue).joined(separator: ", "))]
                break
            }
            if request.method == .get {
                switch route {
                case .runEvents(let run):
                    return try await EventStream(writer: writer, channel: channel).follow(run, in: library)
                case .runsEvents: return try await EventStream(writer: writer, channel: channel).watch(library)
                default: break
                }
            }
            let body = route.changesSomething ? try? await request.body.collect(upTo: Self.largestBody) : nil
            reply = await answer(route, query, body.flatMap { try? JSON(parsing: Array($0.readableBytesView)[...]) })
        }
        let head = reply.head(contentLength: reply.body.count)
        if request.method == .head { return try await writer.writeResponse(head) }
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }

    @concurrent
    private func answer(_ route: Route, _ query: Query, _ body: JSON?) async -> Reply {
        do {
            switch route {
            case .page: return .asset(.page)
            case .asset(let asset): return .asset(asset)
            case .settings:
                return .json([
                    "control": .bool(access.controls), "version": .int(EventLog.version),
                ])
            case .runs: return .json(try await library.list(try query.runQuery()))
            case .run(let run): return .json(try library.object(of: run))
            case .output(let run, let turn, let index):
                guard let text = try library.output(of: run, turn: turn, index: index) else {
                    return .failure(404, "There is no such output.")
                }
                return .json(["output": .string(text)])
            case .branch(let run, let world):
                guard let change = try library.change(of: run, world: world) else {
                    return .failure(404, "There is no such branch.")
                }
                return .json(change)
            case .report: return .json(try await library.report(try query.runQuery()))
            case .patterns: return .json(try sources.patterns())
            case .cancel(let run): return try tell(run, .cancel)
            case .speculation(let run):
                guard let isOn = body?["on"]?.boolValue else {
                    return .failure(400, "The body must be {\"on\": true} or {\"on\": false}.")
                }
                return try tell(run, .speculation(isOn: isOn))
            case .runEvents, .runsEvents: return .failure(405, "This address is a stream of events.")
            }
        } catch let error as StoreError {
            return .failure(
                error.code == .notFound ? 404 : 500, "\(error.path): \(error.message)", remedy: error.remedy)
        } catch let refusal as DashboardSources.Refusal {
            return .failure(409, refusal.message, remedy: refusal.remedy)
        } catch let error as Query.Failure {
            return .failure(400, error.message)
        } catch {
            return .failure(500, "\(error)")
        }
    }

    private func tell(_ run: RunName, _ wish: DashboardSources.Wish) throws -> Reply {
        guard access.controls else {
            return .failure(403, "This dashboard only shows.", remedy: "Start it with forerun serve --control.")
        }
        try sources.tell(run, wish)
        return .json(["done": true])
    }
}
