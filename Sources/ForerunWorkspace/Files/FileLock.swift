import Glibc

/// A lock that the kernel releases when its process dies, however it dies: process ids need not be compared.
struct FileLock: ~Copyable {
    let descriptor: Int32

    /// Why there is no lock.
    enum Failure: Error {
        /// By a process that wrote its id into the file, if it did.
        case held(by: pid_t?)
        case file(FileError)
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // A program that is being started holds the descriptor, too, until it is executed.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Lets the next one have it.
    consuming func release() {}

    /// Takes the lock on the file `path`, which is made where it is missing.
    ///
    /// - Parameter wait: seconds to wait for another holder.
    init(_ path: String, wait: Double = 0) throws(Failure) {
        var rest = wait
        while true {
            let opened = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard opened >= 0 else { throw .file(FileError("lock \(path)", code: errno)) }
            if flock(opened, LOCK_EX | LOCK_NB) == 0 {
                // Whoever had it may have removed the file; the lock is worth nothing then.
                if Self.isStill(opened, path) {
                    self.init(opened)
                    return
                }
                close(opened)
                continue
            }
            let code = errno
            let holder = Self.holder(opened)
            close(opened)
            guard code == EWOULDBLOCK || code == EINTR else {
                throw .file(FileError("lock \(path)", code: code))
            }
            guard rest > 0 else { throw .held(by: holder) }
            usleep(2000)
            rest -= 0.002
        }
    }

    private static func isStill(_ descriptor: Int32, _ path: String) -> Bool {
        var (held, named) = (stat(), stat())
        return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino
            && held.st_dev == named.st_dev
    }

    // MARK: - What the file says

    /// Writes a number into the file: the id of the holder, or whatever the lock guards.
    func write(_ number: Int) {
        var text = Array("\(number)\n".utf8)
        if pwrite(descriptor, &text, text.count, 0) == text.count { ftruncate(descriptor, text.count) }
    }

    var number: Int? { Self.number(descriptor) }

    private static func holder(_ descriptor: Int32) -> pid_t? { number(descriptor).flatMap { pid_t(exactly: $0) } }

    private static func number(_ descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 24)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self))
    }
}
