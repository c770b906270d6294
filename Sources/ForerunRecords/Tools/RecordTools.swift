package import ForerunCore

/// The tools of one domain over its records.
package protocol RecordTools: Sendable {
    /// A short name for messages: `retail`.
    var name: String { get }
    /// The tables that the tools need.
    var tables: [String] { get }
    var tools: [Tool] { get }

    /// What `call` returns. Its changes are in `view`, and count only where it does not throw.
    func output(of call: Call, on view: inout RecordView) throws(ToolStop) -> String
}

extension RecordTools {
    /// Performs `call`: an output, the refusals of tools included (`Error: order not found`). A refused call changes nothing.
    ///
    /// - Throws: where the records could not be read.
    package func perform(_ call: Call, on view: inout RecordView) throws(EnvironmentFailure) -> Output {
        let before = view
        do throws(ToolStop) {
            return Output(try output(of: call, on: &view))
        } catch {
            let reads = view
            view = before
            view.noteReads(of: reads)
            switch error {
            case .refused(let reason): return Output("Error: \(reason)", isError: true)
            case .failed(let failure): throw failure
            }
        }
    }
}
