import Glibc
import Subprocess

/// One shell command in a directory.
struct Command: Sendable {
    let text: String
    /// The physical directory; in a sandbox it appears as ``Sandbox/presentedPath``.
    let directory: String
    /// `nil`: without one.
    let sandbox: Sandbox?
    let environment: [String: String]
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
        let work = Task {
            let outcome = await self.run(as: running)
            // What the sandbox covers may vanish while it is set up (a user's key, say). The command has not started.
            guard sandbox != nil, running.reason == nil, case .failure = outcome else { return outcome }
            return await self.run(as: running)
        }
        let timer = Task {
            do { try await Task.sleep(for: timeout) } catch { return }
            running.stop(.timedOut)
        }
        let outcome = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            running.stop(.cancelled)
        }
        timer.cancel()
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
            executable: .name("sh"), arguments: Subprocess.Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables)), platformOptions: options)
        let isSandboxed = sandbox != nil
        do {
            let execution = try await Subprocess.run(
                configuration, input: .none, output: .sequence, error: .combinedWithOutput
            ) { [outputLimit] execution in
                var text = BoundedText(limit: outputLimit)
                var preamble = isSandboxed ? SandboxPreamble() : nil
                let watch = isSandboxed ? nil : Self.endSession(with: execution.processIdentifier.value, running)
                for try await buffer in execution.standardOutput {
                    let bytes = buffer.withUnsafeBytes { Array($0) }
                    guard var parsing = preamble else {
                        text.append(bytes)
                        continue
                    }
                    let rest = parsing.take(bytes) { running.started(.namespace($0)) }
                    preamble = rest == nil ? parsing : nil
                    text.append(rest ?? [])
                }
                watch?.cancel()
                return (text: text.text, preamble: preamble)
            }
            await running.waitUntilGone()
            let ended = execution.closureResult
            if let preamble = ended.preamble, running.reason == nil {
                return .failure(NotStarted(reason: "the sandbox failed: \(preamble.text)"))
            }
            let status = Self.status(execution.terminationStatus)
            return .success(Result(output: ended.text, status: status, stopped: running.reason))
        } catch {
            await running.waitUntilGone()
            return .failure(NotStarted(reason: "\(error)"))
        }
    }

    /// In a sandbox, bubblewrap first says on the same pipe which process is the first of the namespace: file descriptor 9
    /// is a second standard output, which it closes, hence the shell around it. The shell inside says with a NUL that the
    /// sandbox stands.
    private var arguments: [String] {
        guard let sandbox else { return ["-c", "cd \"$1\" && exec /bin/sh -c \"$2\"", "sh", directory, text] }
        let start = "printf '\\0'; exec /bin/sh -c \"$1\""
        let command = sandbox.arguments(directory: directory, command: ["/bin/sh", "-c", start, "sh", text])
        return ["-c", "exec \"$0\" \"$@\" 9>&1", sandbox.program, "--info-fd", "9"] + command
    }

    /// Without a namespace, background processes keep the pipe open when the command has ended: they end with it.
    private static func endSession(with leader: pid_t, _ running: RunningCommand) -> Task<Void, Never> {
        running.started(.session(leader))
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
