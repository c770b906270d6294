import Glibc

extension Directory {
    /// Makes a new file with `bytes`; fails where something is there already.
    package func create(_ path: RelativePath, content bytes: [UInt8], mode: UInt32, modified: Int64) throws(FileError) {
        let file = try openNew(path)
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress! + written, bytes.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let error = FileError("write \(path)", code: errno)
                _ = path.withCString { unlinkat(descriptor, $0, 0) }
                throw error
            }
            written += count
        }
        finish(file, mode: mode, modified: modified)
    }

    /// Makes `path` a copy of `other`'s file `source`, sharing its blocks where the file system can.
    package func create(
        _ path: RelativePath, copying source: RelativePath, of other: Directory, mode: UInt32, modified: Int64
    ) throws(FileError) {
        let from = try other.openFile(source)
        defer { close(from) }
        let file = try openNew(path)
        defer { close(file) }
        do {
            try Self.copy(from, to: file, named: path)
        } catch {
            _ = path.withCString { unlinkat(descriptor, $0, 0) }
            throw error
        }
        finish(file, mode: mode, modified: modified)
    }

    /// Holes stay holes: a file may be far larger than the disk.
    private static func copy(_ from: Int32, to file: Int32, named path: RelativePath) throws(FileError) {
        let shareBlocks: UInt = 0x4004_9409  // FICLONE, linux/fs.h
        if ioctl(file, shareBlocks, from) == 0 { return }
        let (toData, toHole): (Int32, Int32) = (3, 4)  // SEEK_DATA and SEEK_HOLE, linux/fs.h
        let size = lseek(from, 0, SEEK_END)
        var place: off_t = 0
        while place < size {
            let data = lseek(from, place, toData)
            // Nothing but a hole is left, or the file system does not tell.
            if data < 0, errno == ENXIO { break }
            let start = max(data, place)
            let hole = lseek(from, start, toHole)
            let end = hole > start ? hole : size
            try copy(from, to: file, named: path, in: start..<end)
            place = end
        }
        if size > 0, ftruncate(file, size) != 0 { throw FileError("copy \(path)", code: errno) }
    }

    private static func copy(
        _ from: Int32, to file: Int32, named path: RelativePath, in range: Range<off_t>
    ) throws(FileError) {
        var failure: Int32 = 0
        withUnsafeTemporaryAllocation(byteCount: 128 * 1024, alignment: 16) { buffer in
            var place = range.lowerBound
            while failure == 0, place < range.upperBound {
                let wanted = min(buffer.count, Int(range.upperBound - place))
                let count = pread(from, buffer.baseAddress!, wanted, place)
                if count < 0, errno == EINTR { continue }
                if count < 0 { failure = errno }
                if count <= 0 { return }
                var written = 0
                while written < count, failure == 0 {
                    let step = pwrite(file, buffer.baseAddress! + written, count - written, place + off_t(written))
                    if step >= 0 { written += step } else if errno != EINTR { failure = errno }
                }
                place += off_t(count)
            }
        }
        if failure != 0 { throw FileError("copy \(path)", code: failure) }
    }

    private func openNew(_ path: RelativePath) throws(FileError) -> Int32 {
        let file = path.withCString {
            openat(descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        }
        guard file >= 0 else { throw FileError("create \(path)", code: errno) }
        return file
    }

    private func finish(_ file: Int32, mode: UInt32, modified: Int64) {
        fchmod(file, mode)
        var times = [.omitted, timespec(nanoseconds: modified)]
        futimens(file, &times)
    }

    package func createSymlink(_ path: RelativePath, target: [UInt8]) throws(FileError) {
        let result = path.withCString { name in
            (target + [0]).withUnsafeBytes {
                symlinkat($0.assumingMemoryBound(to: CChar.self).baseAddress!, descriptor, name)
            }
        }
        guard result == 0 else { throw FileError("link \(path)", code: errno) }
    }

    package func createDirectory(_ path: RelativePath, mode: UInt32) throws(FileError) {
        guard path.withCString({ mkdirat(descriptor, $0, 0o700) }) == 0 else {
            throw FileError("make the directory \(path)", code: errno)
        }
        try setMode(path, mode)
    }

    /// Sets the permission bits of what is no symlink.
    package func setMode(_ path: RelativePath, _ mode: UInt32) throws(FileError) {
        guard path.withCString({ fchmodat(descriptor, $0, mode, 0) }) == 0 else {
            throw FileError("set the mode of \(path)", code: errno)
        }
    }

    package func setModified(_ path: RelativePath, _ time: Int64) {
        var times = [.omitted, timespec(nanoseconds: time)]
        _ = path.withCString { utimensat(descriptor, $0, &times, AT_SYMLINK_NOFOLLOW) }
    }

    /// Gives `path` an owner. Only the superuser can give files away, so for others this does nothing.
    package func setOwner(_ path: RelativePath, like signature: Signature) {
        setOwner(path, signature.owner, signature.group)
    }

    func setOwner(_ path: RelativePath, _ owner: UInt32, _ group: UInt32) {
        guard geteuid() == 0 else { return }
        _ = path.withCString { fchownat(descriptor, $0, owner, group, AT_SYMLINK_NOFOLLOW) }
    }

    package func rename(_ path: RelativePath, to target: RelativePath, of other: Directory) throws(FileError) {
        let result = path.withCString { from in
            target.withCString { renameat(descriptor, from, other.descriptor, $0) }
        }
        guard result == 0 else { throw FileError("rename \(path) to \(target)", code: errno) }
    }

    /// Makes `target` a second name of the file `path`.
    package func link(_ path: RelativePath, to target: RelativePath, of other: Directory) throws(FileError) {
        let result = path.withCString { from in
            target.withCString { linkat(descriptor, from, other.descriptor, $0, 0) }
        }
        guard result == 0 else { throw FileError("link \(path) to \(target)", code: errno) }
    }

    /// Removes a file, a link or an empty directory.
    package func remove(_ path: RelativePath, isDirectory: Bool) throws(FileError) {
        guard path.withCString({ unlinkat(descriptor, $0, isDirectory ? AT_REMOVEDIR : 0) }) == 0 else {
            throw FileError("remove \(path)", code: errno)
        }
    }
}

extension timespec {
    /// Leaves a time as it is (UTIME_OMIT, sys/stat.h).
    static let omitted = timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)

    init(nanoseconds: Int64) {
        // Rounded down, so that times before 1970 keep a positive fraction.
        let fraction = ((nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000
        self.init(tv_sec: Int((nanoseconds - fraction) / 1_000_000_000), tv_nsec: Int(fraction))
    }
}
