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
        let work = Task { await self.run(as: running) }
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
        return try outcome.get()
    }

    private func run(as running: RunningCommand) async -> Swift.Result<Result, NotStarted> {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))]
        let configuration = Configuration(
            executable: .name("sh"), arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })),
            platformOptions: options)
        let isSandboxed = sandbox != nil
        do {
            let execution = try await Subprocess.run(
                configuration, input: .none, output: .sequence, error: .combinedWithOutput
            ) { [outputLimit] execution in
                var text = BoundedText(limit: outputLimit)
                var preamble: [UInt8]? = isSandboxed ? [] : nil
                let leader = execution.processIdentifier.value
                let watch = isSandboxed ? nil : Self.endSession(with: leader, running)
                for try await buffer in execution.standardOutput {
                    let bytes = buffer.withUnsafeBytes { Array($0) }
                    guard let known = preamble else {
                        text.append(bytes)
                        continue
                    }
                    preamble = known + bytes
                    if let (process, rest) = Self.parse(known + bytes) {
                        preamble = nil
                        if let process { running.started(.namespace(process)) }
                        text.append(rest)
                    }
                }
                watch?.cancel()
                return (text: text.text, unparsed: preamble)
            }
            running.finished()
            await running.waitUntilGone()
            if let unparsed = execution.closureOutput.unparsed {
                return .failure(NotStarted(reason: "the sandbox failed: \(String(decoding: unparsed, as: UTF8.self))"))
            }
            let status = Self.status(execution.terminationStatus)
            let text = execution.closureOutput.text
            if isSandboxed, status == 1, text.hasPrefix("bwrap: ") {
                return .failure(NotStarted(reason: "the sandbox failed: \(text)"))
            }
            return .success(Result(output: text, status: status, stopped: running.reason))
        } catch {
            running.finished()
            await running.waitUntilGone()
            return .failure(NotStarted(reason: "\(error)"))
        }
    }

    /// In a sandbox, bubblewrap first says on the same pipe which process is the first of the namespace, then starts the
    /// command: file descriptor 9 is a second standard output. It closes that descriptor, hence the shell around it.
    private var arguments: [String] {
        guard let sandbox else { return ["-c", "cd \"$1\" && exec sh -c \"$2\"", "sh", directory, text] }
        let command = sandbox.arguments(directory: directory, command: ["/bin/sh", "-c", text])
        return ["-c", "exec \"$0\" \"$@\" 9>&1", sandbox.program, "--info-fd", "9"] + command
    }

    /// The process that bubblewrap's preamble names, and what follows; `nil` while the preamble is not complete.
    static func parse(_ bytes: [UInt8]) -> (ProcessEntry?, ArraySlice<UInt8>)? {
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: "\n}\n".utf8) }) else { return nil }
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        let digits = text.split(separator: "\"child-pid\":").last?.drop { !$0.isNumber }.prefix { $0.isNumber }
        return (digits.flatMap { pid_t($0) }.flatMap { ProcessEntry($0) }, bytes[(end + 3)...])
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
