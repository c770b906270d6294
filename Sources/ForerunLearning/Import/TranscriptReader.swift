/// Reads transcripts of agents from files and directories, run by run, whatever known format they have.
///
/// Nothing here fails: what cannot be read is told by ``problems``. Files are only ever read; a database that is in use is
/// read from a copy. The order of the runs depends on nothing but the names and contents of the files.
///
/// A file's bookmark is in ``finished`` as soon as the last of its runs was taken. An import that was interrupted goes on
/// with the bookmarks it has; the file it was in is read again, and its runs replace the earlier ones of the same
/// ``RecordedRun/key``.
package struct TranscriptReader: ~Copyable {
    /// Bytes of a line, or of one element of a document, above which it is left out.
    package static let pieceLimit = 64 << 20
    private let files: [FileTree.File]
    private let bookmarks: [String: ImportBookmark]
    private let pieceLimit: Int
    private var nextFile = 0
    private var current: OpenTranscript?
    private var currentBookmark: ImportBookmark?
    /// The current file has no further step.
    private var isRead = false
    private var sink = ImportSink()
    private var taken = 0

    /// Files that were read and whose runs were all taken, in their order.
    package private(set) var finished: [ImportBookmark] = []
    package private(set) var progress = ImportProgress()

    /// What was left out so far, and why.
    package var problems: ImportProblems { sink.problems }

    /// - Parameters:
    ///   - paths: files, and directories to walk.
    ///   - bookmarks: what earlier imports finished; files that did not change since are skipped.
    package init(_ paths: [String], bookmarks: [ImportBookmark] = []) {
        self.init(paths, bookmarks: bookmarks, pieceLimit: Self.pieceLimit)
    }

    init(_ paths: [String], bookmarks: [ImportBookmark] = [], pieceLimit: Int) {
        let tree = FileTree(paths)
        files = tree.files
        self.bookmarks = Dictionary(bookmarks.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        self.pieceLimit = pieceLimit
        progress.ignored = tree.ignored
        progress.filesInAll = files.count
        progress.bytesInAll = files.reduce(0) { $0 + $1.size }
        for problem in tree.problems { sink.problems.add(problem) }
    }

    /// The next run; `nil` when all files were read.
    package mutating func next() -> RecordedRun? {
        while true {
            if taken < sink.runs.count {
                let run = sink.runs[taken]
                taken += 1
                if taken == sink.runs.count {
                    sink.runs.removeAll(keepingCapacity: true)
                    taken = 0
                }
                progress.runs += 1
                progress.calls += run.callCount
                return run
            }
            if isRead {
                finishFile()
            } else if current != nil {
                let before = current?.bytesRead ?? 0
                isRead = current?.step(into: &sink) != true
                progress.bytes += (current?.bytesRead ?? 0) - before
            } else if !openNextFile() {
                return nil
            }
        }
    }

    private mutating func finishFile() {
        let file = files[nextFile - 1]
        // What a recognised file did not need is done as well.
        progress.bytes += max(0, file.size - (current?.bytesRead ?? 0))
        progress.files += 1
        if var bookmark = currentBookmark {
            bookmark.bytesRead = current?.bytesRead ?? 0
            finished.append(bookmark)
        }
        current = nil
        currentBookmark = nil
        isRead = false
    }

    private mutating func openNextFile() -> Bool {
        guard nextFile < files.count else { return false }
        let file = files[nextFile]
        nextFile += 1
        sink.path = file.path
        // Before reading: what is written meanwhile changes the file against its bookmark.
        currentBookmark = ImportBookmark(of: file.path)
        if let known = bookmarks[file.path], let now = currentBookmark, known.change(to: now) == .unchanged {
            progress.unchanged += 1
            progress.filesInAll -= 1
            progress.bytesInAll -= file.size
            currentBookmark = nil
            return true
        }
        current = OpenTranscript(file, pieceLimit: pieceLimit, sink: &sink)
        isRead = false
        return true
    }
}
