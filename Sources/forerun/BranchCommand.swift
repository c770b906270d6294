import ArgumentParser
import ForerunRuntime

/// `forerun branch`: a branch of a workspace for people.
struct BranchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "branch",
        abstract: "Try commands in a branch of a workspace, then commit or discard what they did.",
        discussion: """
            What a command changes in the directory and in /tmp stays in the branch: nobody else sees it before it is \
            committed, all of it or nothing. A branch is kept between commands; each workspace has one. Commands have no \
            network, no input and no way to the rest of the system.

            Use it so: forerun branch exec -- make test; forerun branch diff; forerun branch commit
            """,
        subcommands: [BranchExec.self, BranchDiff.self, BranchCommit.self, BranchDiscard.self])
}

/// `forerun branch exec`: runs a program in the branch.
struct BranchExec: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a program in the branch; its exit status becomes that of forerun.",
        discussion: """
            127 says that there is no such program, 126 that it cannot be executed, 128 and more that a signal ended it. \
            Ctrl-C ends it with all that it started (130); what it changed until then is kept in the branch. What git, \
            editors or agents act on of their own accord (hooks, settings that run programs) is not kept, and said.
            """)

    @OptionGroup var workspace: WorkspaceOption

    @Flag(help: "Let the program reach the network.")
    var network = false

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("name a program after --: forerun branch exec -- make test") }
    }

    func run() async throws {
        let signals = Signals()
        let branch = try await PersonalBranch.open(workspace.absolutePath(), variables: processVariables)
        let work = Task { try await branch.execute(command, network: network) }
        signals.onFirst { work.cancel() }
        defer { signals.clear() }
        let status: Int32
        do {
            status = try await work.value
        } catch let complaint as Complaint where work.isCancelled {
            OutputFile.error.write("forerun: interrupted (\(complaint.cause))\n")
            throw ExitStatus.interrupted
        }
        if work.isCancelled {
            OutputFile.error.write("forerun: interrupted; what the program changed until then is kept in the branch\n")
            throw ExitStatus.interrupted
        }
        if status != 0 { throw ExitStatus.program(status) }
    }
}

/// `forerun branch diff`: what the branch changes.
struct BranchDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what the branch changes, as a unified diff.")

    @OptionGroup var workspace: WorkspaceOption

    @Flag(help: "Only the names of changed paths.")
    var nameOnly = false

    func run() async throws {
        let branch = try await PersonalBranch.open(workspace.absolutePath(), variables: processVariables)
        OutputFile.standard.write(try await branch.difference(nameOnly: nameOnly))
    }
}

/// `forerun branch commit`: makes the changes real.
struct BranchCommit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit", abstract: "Make the changes of the branch in the workspace, all of them or none.",
        discussion: """
            Where somebody has changed the same files since, nothing is committed, and the files are named. What is replaced \
            is kept: forerun undo takes the commit back.
            """)

    @OptionGroup var workspace: WorkspaceOption

    func run() async throws {
        let branch = try await PersonalBranch.open(workspace.absolutePath(), variables: processVariables)
        let (count, run) = try await branch.commit()
        OutputFile.error.write(
            count == 0
                ? "nothing to commit\n"
                : "\(count) path\(count == 1 ? "" : "s") committed; forerun undo \(run) takes that back\n")
    }
}

/// `forerun branch discard`: forgets the changes.
struct BranchDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "End the branch and forget its changes.")

    @OptionGroup var workspace: WorkspaceOption

    func run() async throws {
        let branch = try await PersonalBranch.open(workspace.absolutePath(), variables: processVariables)
        let count = try await branch.discard()
        OutputFile.error.write(
            count == 0 ? "nothing to discard\n" : "changes of \(count) path\(count == 1 ? "" : "s") discarded\n")
    }
}
