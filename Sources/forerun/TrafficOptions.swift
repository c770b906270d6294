import ArgumentParser
import ForerunRuntime
import ForerunTransport

/// Flags that record and play what endpoints say.
struct TrafficOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write all traffic with endpoints to a new file, without keys.", valueName: "file"),
        completion: .file())
    var record: String?

    @Option(
        help: ArgumentHelp("Answer from a file that --record wrote; nothing is sent.", valueName: "file"),
        completion: .file())
    var playback: String?

    func validate() throws {
        if record != nil, playback != nil { throw ValidationError("--record and --playback exclude each other") }
    }

    func traffic() throws(Complaint) -> Traffic {
        do throws(RecordingError) {
            if let record { return .recorded(by: try TrafficRecorder(path: record)) }
            if let playback { return .played(from: try TrafficPlayback(path: playback)) }
            return .live
        } catch {
            throw Complaint(error)
        }
    }
}

extension Traffic {
    /// What is to be said of a file before the run.
    var warning: String? {
        if case .played(let playback) = self { playback.damage } else { nil }
    }

    /// What went wrong with a recording meanwhile.
    var complaint: Complaint? {
        guard case .recorded(let recorder) = self, let failure = recorder.failure else { return nil }
        return Complaint(
            "the recording is incomplete: \(failure)",
            remedy: "Make room on its disk and record again; what was recorded before can be played", status: .failed)
    }
}
