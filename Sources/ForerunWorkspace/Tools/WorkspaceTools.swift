import ForerunCore
import Glibc

/// The tools of a workspace as models see them.
enum WorkspaceTools {
    static func all(_ options: WorkspaceOptions) -> [Tool] {
        [readFile, listDirectory, searchText, writeFile, editFile, runCommand(options)]
    }

    /// Calls on files at a time: they take microseconds.
    private static let files = 64

    /// Commands at a time. More of them would slow each other, the actor's own among them.
    private static var processors: Int { max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private static let path: JSON = "Path relative to the root of the workspace, or absolute below it."

    private static let readFile = Tool(
        name: "read_file",
        description: """
            Reads a text file of the workspace. Returns its lines, each with its number and a tab in front; these are no \
            part of the file. Use offset and limit for parts of long files.
            """,
        parameters: object(
            [
                "path": ["type": "string", "description": path],
                "offset": [
                    "type": "integer", "minimum": 1, "default": 1, "description": "Number of the first line to return.",
                ],
                "limit": [
                    "type": "integer", "minimum": 1, "default": 2000,
                    "description": "How many lines to return at most.",
                ],
            ], required: ["path"]),
        effect: .readOnly, concurrency: files)

    private static let listDirectory = Tool(
        name: "list_directory",
        description: """
            Lists a directory of the workspace, sorted, one entry a line: directories end in /, links show their target. \
            Use depth to see what lies below. What is inside of .git is not shown.
            """,
        parameters: object([
            "path": [
                "type": "string", "default": ".",
                "description": "Path relative to the root of the workspace, or absolute below it.",
            ],
            "depth": [
                "type": "integer", "minimum": 1, "maximum": 10, "default": 1, "description": "How many levels to show.",
            ],
        ]),
        effect: .readOnly, concurrency: files)

    private static let searchText = Tool(
        name: "search_text",
        description: """
            Searches the text files of the workspace for a regular expression, line by line. Returns `path:line: text` \
            for each line that matches, sorted by path. Binary files and .git are left out.
            """,
        parameters: object(
            [
                "pattern": [
                    "type": "string",
                    "description": "Extended regular expression; \\d, \\w, \\s, \\b and a leading (?i) are understood.",
                ],
                "path": [
                    "type": "string", "default": ".",
                    "description": "File or directory to search, as for the other tools.",
                ],
                "glob": [
                    "type": "string",
                    "description":
                        "Only files whose name matches, like *.swift, or whose path does, like src/**/*.{c,h}.",
                ],
                "max_results": [
                    "type": "integer", "minimum": 1, "maximum": 1000, "default": 100,
                    "description": "How many lines to return at most.",
                ],
            ], required: ["pattern"]),
        effect: .readOnly, concurrency: files)

    private static let writeFile = Tool(
        name: "write_file",
        description: """
            Writes a whole file, replacing what was there. Missing directories are made. To change a part of a file, use \
            edit_file.
            """,
        parameters: object(
            [
                "path": ["type": "string", "description": path],
                "content": ["type": "string", "description": "The whole new content."],
            ], required: ["path", "content"]),
        effect: .contained, concurrency: files)

    private static let editFile = Tool(
        name: "edit_file",
        description: """
            Replaces old_text by new_text in a file. old_text must be exactly what the file holds, white space included \
            and line numbers left out, and must occur once unless replace_all is true.
            """,
        parameters: object(
            [
                "path": ["type": "string", "description": path],
                "old_text": ["type": "string", "minLength": 1, "description": "The text to replace."],
                "new_text": ["type": "string", "description": "The text to put in its place; may be empty."],
                "replace_all": [
                    "type": "boolean", "default": false, "description": "Replace every occurrence.",
                ],
            ], required: ["path", "old_text", "new_text"]),
        effect: .contained, concurrency: files)

    private static func runCommand(_ options: WorkspaceOptions) -> Tool {
        let limits =
            switch (options.sandbox, options.network) {
            case (.off, _): ""
            case (_, true):
                " It can change nothing outside of the workspace and /tmp, which is this run's own."
            case (_, false):
                " It has no network and can change nothing outside of the workspace and /tmp, which is this run's own."
            }
        return Tool(
            name: "run_command",
            description: """
                Runs a shell command (sh -c) in the root of the workspace. Returns what it wrote to standard output and \
                standard error in the order written, and its exit status where that is not 0. There is no input and no \
                terminal, and each command starts afresh: cd and variables do not last. Processes left in the background \
                end with the command.\(limits)
                """,
            parameters: object(
                [
                    "command": ["type": "string", "minLength": 1, "description": "The command line."],
                    "timeout_seconds": [
                        "type": "integer", "minimum": 1, "maximum": 3600,
                        "default": JSON.number(JSONNumber(options.commandTimeout)),
                        "description": "Seconds after which the command is ended.",
                    ],
                ], required: ["command"]),
            effect: .contained, concurrency: processors)
    }

    private static func object(_ properties: JSON, required: [String] = []) -> JSON {
        [
            "type": "object", "properties": properties, "required": .array(required.map { .string($0) }),
            "additionalProperties": false,
        ]
    }
}
