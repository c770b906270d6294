import Glibc
import Subprocess

/// One shell command in a directory.
struct Command: Sendable {
    /// The program and its arguments.
    let arguments: [String]
    let directory: String
    /// A program that runs the rest of the command line under its rules, with its arguments; empty: none.
    let launcher: [String]
    let environment: [String: String]
    /// Counted from when the process runs, not while it waits to be started.
    let timeout: Duration
    /// Bytes of output that are kept.
    let outputLimit: Int

    struct Result: Sendable {
        let output: String
        /// 128 and more for a signal, as shells count.
        let status: Int32
        /// `nil`: it ended by itself.
        let stopped: RunningCommand.Reason?
    }

    /// Why there is no result.
    struct NotStarted: Error { let reason: String }

    /// Runs the command to its end. All its processes are gone when this returns, also after cancelling.
    func run() async throws(NotStarted) -> Result {
        let running = RunningCommand()
        // Not cancelled itself: only we know what to kill so that nothing is left.
        let work = Task { await self.run(as: running) }
        let outcome = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            running.stop(.cancelled)
        }
        running.finished()
        return try outcome.get()
    }

    private func run(as running: RunningCommand) async -> Swift.Result<Result, NotStarted> {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))
        ]
        let variables = environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let configuration = Configuration(
            executable: .name("sh"), arguments: Subprocess.Arguments(commandLine),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables)), platformOptions: options)
        do {
            let execution = try await Subprocess.run(
                configuration, input: .none, output: .sequence, error: .combinedWithOutput
            ) { [outputLimit, timeout] execution in
                var text = BoundedText(limit: outputLimit)
                let watch = Self.endSession(with: execution.processIdentifier.value, running)
                let timer = Task {
                    do { try await Task.sleep(for: timeout) } catch { return }
                    running.timeOut()
                }
                defer {
                    watch.cancel()
                    timer.cancel()
                }
                for try await buffer in execution.standardOutput { text.append(buffer.withUnsafeBytes { Array($0) }) }
                return text.text
            }
            running.endRest()
            let status = Self.status(execution.terminationStatus)
            return .success(Result(output: execution.closureResult, status: status, stopped: running.reason))
        } catch {
            running.endRest()
            return .failure(NotStarted(reason: "\(error)"))
        }
    }

    private var commandLine: [String] {
        ["-c", "cd \"$1\" && shift && exec \"$@\"", "sh", directory] + launcher + arguments
    }

    /// Background processes keep the pipe open when the command has ended: they end with it.
    private static func endSession(with leader: pid_t, _ running: RunningCommand) -> Task<Void, Never> {
        running.started(session: leader)
        return Task {
            while ProcessEntry(leader) != nil {
                do { try await Task.sleep(for: .milliseconds(5)) } catch { return }
            }
            Glibc.kill(-leader, SIGKILL)
        }
    }

    private static func status(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}
