import ArgumentParser
import ForerunRuntime
import Glibc

/// The command line.
@main
struct ForerunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forerun",
        abstract: "Runs LLM agents faster without changing what they do.",
        discussion: """
            While the actor (the model that decides) is still thinking, speculators guess what it will do. Forerun runs the \
            best guesses ahead, each in a branch of its own, and commits only what the actor confirms.

            Start with: forerun init, forerun doctor, forerun agents, forerun run AGENT "a task".
            Completion: forerun --generate-completion-script bash (or zsh, fish) prints a script to source.
            Exit codes: see forerun run --help.
            """,
        version: "forerun 0.1.0",
        subcommands: [
            RunCommand.self, ChatCommand.self, ResumeCommand.self, ForkCommand.self, RunsCommand.self, ShowCommand.self,
            AgentsCommand.self, ConfigCommand.self, InitCommand.self, DoctorCommand.self,
            ModelsCommand.self,
            MockCommand.self, BranchCommand.self, UndoCommand.self, LearnCommand.self, PatternsCommand.self,
            ReplayCommand.self, RerunCommand.self, SimulateCommand.self, CostCommand.self, ServeCommand.self,
        ])

    static func main() async {
        // A reader that goes away is an error of a write, no reason to die half-way.
        signal(SIGPIPE, SIG_IGN)
        keepMemoryOffDisk()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            leave(.done)
        } catch let status as ExitStatus {
            leave(status)
        } catch let complaint as Complaint {
            OutputFile.error.write(complaint.text)
            leave(complaint.status)
        } catch {
            leave(withParserMessage: error)
        }
    }

    /// Keys are in memory: a process that dies leaves no image of it. The limit of one byte is the one at which the kernel does
    /// not hand the image to another program either.
    private static func keepMemoryOffDisk() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(1, limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    /// Help, versions and completion scripts are messages too, for standard output.
    private static func leave(withParserMessage error: any Error) -> Never {
        let message = fullMessage(for: error)
        guard exitCode(for: error) != .success else {
            OutputFile.standard.write(message.isEmpty ? "" : message + "\n")
            leave(.done)
        }
        let plain = message.hasPrefix("Error: ") ? String(message.dropFirst("Error: ".count)) : message
        let lines = plain.split(separator: "\n", omittingEmptySubsequences: true)
        let rest = lines.dropFirst().map { "  \($0.drop { $0 == " " })\n" }.joined()
        OutputFile.error.write("forerun: error: \(lines.first ?? "wrong usage")\n" + rest)
        leave(.usage)
    }

    /// Ends the process. Output that could not be written makes a success a failure.
    private static func leave(_ status: ExitStatus) -> Never {
        guard let failure = OutputFile.standard.failure else { Glibc.exit(status.code) }
        let complaint = Complaint(
            "standard output cannot be written: \(failure)", remedy: "Make room where it goes", status: .failed)
        OutputFile.error.write(complaint.text)
        Glibc.exit(status == .done ? complaint.status.code : status.code)
    }
}
